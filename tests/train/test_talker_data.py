import io
import json
from typing import Any

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.tokenizer import load as load_tokenizer  # noqa: E402
from pipeline.core.schedule import Stream  # noqa: E402
from pipeline.errors import ContractError  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402
from pipeline.train.samples import TRANSCRIPT, Objective, Source  # noqa: E402
from pipeline.train.talker_data import response_places, spoken_columns, spoken_sample  # noqa: E402

QUESTION = "Nine minus five?"
RESPONSE = "Four pears, zyx left."


def silence(seconds: float) -> dict[str, Any]:
    out = io.BytesIO()
    soundfile.write(out, np.zeros(round(seconds * 8000), np.float32), 8000, format="FLAC")
    return {"bytes": out.getvalue(), "path": None}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """Rows for all words but one, which its bytes spell."""
    tokenizer = load_tokenizer("qwen2.5")
    known = ("Four pears, left.", QUESTION)
    return Vocabulary.trimmed("qwen2.5", {i for text in known for i in tokenizer.encode(text).ids})


@pytest.fixture
def row(vocabulary: Vocabulary) -> dict[str, Any]:
    tokenizer = load_tokenizer("qwen2.5")
    ids = tokenizer.encode(RESPONSE).ids
    words = RESPONSE.split()
    starts = [len(tokenizer.encode(RESPONSE[: RESPONSE.index(word)].rstrip()).ids) for word in words]
    return {
        "id": "5" * 32,
        "spoken_question": QUESTION,
        "response_ids": ids,
        "reasoning_ids": [],
        "token_ids": ids,
        "streams": [int(Stream.RESPONSE)] * len(ids),
        "provenance": json.dumps(
            {
                "interleave": {
                    "tokenizer": "qwen2.5",
                    "tokenizer_digest": vocabulary.digest,
                    "control_ids": vocabulary.control.as_map(),
                }
            }
        ),
        "question_audio": silence(2.0),
        "response_audio": silence(3.0),
        "response_words": [
            {"word": word, "start_s": k * 0.5, "end_s": k * 0.5 + 0.4, "resp_start": start}
            for k, (word, start) in enumerate(zip(words, starts, strict=True))
        ],
    }


def test_every_row_is_spoken_with_the_word_that_it_belongs_to(row: dict[str, Any], vocabulary: Vocabulary) -> None:
    made = spoken_sample(row, Objective(Source.TEXT), vocabulary)
    places = response_places(made.sample, vocabulary)
    assert len(places) == len(made.starts_s)
    read = [made.sample.rows[place + 1] for place in places]
    assert vocabulary.decode(read) == RESPONSE
    by_word: dict[float, list[int]] = {}
    for start_s, one in zip(made.starts_s, read, strict=True):
        by_word.setdefault(start_s, []).append(one)
    assert [vocabulary.decode(rows).strip() for rows in by_word.values()] == RESPONSE.split()
    assert list(by_word) == [0.0, 0.5, 1.0, 1.5]
    assert len(by_word[1.0]) > len(vocabulary.loaded.encode(" zyx").ids)  # spelled


def test_the_reasoning_and_the_end_of_the_response_are_not_spoken(row: dict[str, Any], vocabulary: Vocabulary) -> None:
    row["reasoning_ids"] = vocabulary.loaded.encode("Nine minus five").ids
    made = spoken_sample(row, Objective(Source.TEXT, "2:8"), vocabulary)
    read = [made.sample.rows[place + 1] for place in response_places(made.sample, vocabulary)]
    assert vocabulary.decode(read) == RESPONSE
    assert len(read) == len(made.starts_s) < len(made.sample.rows) / 2


def test_a_transcript_is_spoken_by_the_question_in_step_with_its_letters(
    row: dict[str, Any], vocabulary: Vocabulary
) -> None:
    objective = Objective(Source.AUDIO, TRANSCRIPT)
    assert "question_audio" in spoken_columns((Objective(Source.TEXT, TRANSCRIPT),))
    made = spoken_sample(row, objective, vocabulary)
    # Nine minus five ?    4, 5, 4 letters and a sign in two seconds
    assert made.starts_s == pytest.approx([0.0, 8 / 14, 18 / 14, 26 / 14])
    assert made.audio == row["question_audio"]["bytes"]


def test_a_row_that_was_not_spoken_is_refused(row: dict[str, Any], vocabulary: Vocabulary) -> None:
    with pytest.raises(ContractError, match=r"row 5+ has no response_words: build it again with --speak both"):
        spoken_sample({**row, "response_words": None}, Objective(Source.TEXT), vocabulary)
    with pytest.raises(ContractError, match=r"row 5+ has no response_audio: build with --speak both"):
        spoken_sample({**row, "response_audio": None}, Objective(Source.TEXT), vocabulary)
    with pytest.raises(ContractError, match=r"row 5+ has no question_audio: build with a voice"):
        spoken_sample({**row, "question_audio": None}, Objective(Source.TEXT, TRANSCRIPT), vocabulary)
