import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from pipeline.backends.audio import Clip, decode, encode
from pipeline.backends.llm.fake_answers import Asked as Seen
from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, script
from pipeline.errors import EngineDown, EngineError, UsageError
from pipeline.evaluate.contestants import Asked, Given
from pipeline.evaluate.endpoint import INSTRUCTION, Asking, Endpoint, endpoint_named
from pipeline.evaluate.evaluation import TEXT, evaluate
from pipeline.evaluate.items import Item

QUICK = Asking(retries=2, backoff_s=0.01, concurrency=1, patience_s=0.2, breaker=3)
ITEMS = [Item("gsm8k", "test", str(k), f"What is {k} plus one?", str(k + 1)) for k in range(6)]
WAV = encode(Clip(np.full(1600, 0.1, np.float32), 16_000), "wav")


def adds(asked: Seen) -> str:
    number = int(asked.user.split(" plus one")[0].split()[-1]) if " plus one" in asked.user else 0
    return f"The answer is {number + 1}."


@contextmanager
def served(
    monkeypatch: pytest.MonkeyPatch, *troubles: Trouble | None, answer: Callable[[Seen], str] = adds
) -> Iterator[FakeServer]:
    with FakeServer(Behaviour(answer=answer, troubles=script(*troubles))) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


def asked(endpoint: Endpoint, items: list[Item]) -> dict[int, Given]:
    async def run() -> dict[int, Given]:
        questions = [Asked(item, item.question, item.audio) for item in items]
        return {place: given async for place, given in endpoint.answer(enumerate(questions))}

    return asyncio.run(run())


def responses(endpoint: Endpoint, folder: Path) -> list[str | None]:
    done = evaluate([endpoint], ITEMS, [TEXT], folder, None, lambda *_: None, listen=False)
    return [one.given.response for one in done]


def test_every_item_is_answered_in_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch) as server:
        given = asked(Endpoint("fake", None, replace(QUICK, concurrency=4)), ITEMS)
    assert [given[k].response for k in range(6)] == [f"The answer is {k + 1}." for k in range(6)]
    assert server.requests == 6
    assert all(INSTRUCTION in seen.user for seen in server.asked)
    assert all((one.total_s or 0) > 0 and one.n_tokens for one in given.values())


def test_a_recording_goes_as_wav_with_the_benchmarks_instruction(monkeypatch: pytest.MonkeyPatch) -> None:
    flac = encode(decode(WAV), "flac")
    item = replace(ITEMS[0], audio=flac, instruction="Listen and answer.")
    with served(monkeypatch) as server:
        asked(Endpoint("fake", None, QUICK), [item, replace(item, audio=b"no sound")])
    (seen,) = server.asked
    assert seen.user == "Listen and answer."
    assert seen.recordings[0].startswith(b"RIFF")
    np.testing.assert_array_equal(decode(seen.recordings[0]).samples, decode(flac).samples)


def test_an_answer_that_is_spoken_comes_with_its_sound_and_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch) as server:
        server.behaviour = replace(server.behaviour, speech=lambda _: WAV)
        given = asked(Endpoint("fake", None, replace(QUICK, voice="alto")), ITEMS[:1])
        (written,) = asked(Endpoint("fake", None, QUICK), ITEMS[:1]).values()
    assert [seen.voice for seen in server.asked] == ["alto", ""]
    assert (given[0].response, given[0].audio) == ("The answer is 1.", WAV)
    assert (written.response, written.audio) == ("The answer is 1.", None)


def test_what_is_no_audio_is_that_items_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch):
        given = asked(Endpoint("fake", None, QUICK), [replace(ITEMS[0], audio=b"no sound")])
    assert given[0].response is None
    assert "no audio" in given[0].failure


def test_passing_troubles_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    troubles = (Trouble.SERVER_ERROR, Trouble.BROKEN_BODY, None, Trouble.NO_CHOICES, Trouble.HANG_UP)
    with served(monkeypatch, *troubles) as server:
        given = asked(Endpoint("fake", None, QUICK), ITEMS[:2])
    assert [given[k].response for k in range(2)] == ["The answer is 1.", "The answer is 2."]
    assert server.requests == 6


def test_a_refused_item_has_no_answer_and_the_others_have(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch, None, Trouble.REFUSED, None, Trouble.EMPTY):
        given = asked(Endpoint("fake", None, QUICK), ITEMS[:4])
    assert [given[k].response is None for k in range(4)] == [False, True, False, True]
    assert "refused the request (400)" in given[1].failure
    assert "no text" in given[3].failure


def test_a_cut_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch, Trouble.CUT):
        given = asked(Endpoint("fake", None, QUICK), ITEMS[:2])
    assert [given[k].ended for k in range(2)] == [False, True]


def test_an_endpoint_that_fails_half_way_is_asked_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with served(monkeypatch, None, None, *[Trouble.SERVER_ERROR] * 3) as server:
        endpoint = Endpoint("fake", None, QUICK)
        with pytest.raises(EngineError, match="run again, answers are kept"):
            responses(endpoint, tmp_path)
        assert len(server.asked) == 2
        assert responses(endpoint, tmp_path) == [f"The answer is {k + 1}." for k in range(6)]
        assert len(server.asked) == 6
        assert len({seen.user for seen in server.asked}) == 6
        assert responses(endpoint, tmp_path) == [f"The answer is {k + 1}." for k in range(6)]
        assert len(server.asked) == 6


def test_answers_under_way_when_a_question_cannot_be_read_aloud_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def questions() -> Iterator[tuple[int, Asked]]:
        yield from enumerate(Asked(item, item.question, None) for item in ITEMS[:2])
        raise EngineDown("the reader is gone")

    given: set[int] = set()

    async def run() -> None:
        async for number, _ in Endpoint("fake", None, replace(QUICK, concurrency=3)).answer(questions()):
            given.add(number)

    with served(monkeypatch), pytest.raises(EngineDown, match="reader"):
        asyncio.run(run())
    assert given == {0, 1}


def test_answers_under_way_when_it_fails_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with served(monkeypatch, None, Trouble.TOO_MANY, *[None] * 20) as server:
        server.behaviour = replace(server.behaviour, key="right")
        monkeypatch.setenv("OPENAI_API_KEY", "wrong")
        with pytest.raises(EngineError, match="OPENAI_API_KEY") as refused:
            responses(Endpoint("fake", None, replace(QUICK, concurrency=3)), tmp_path)
        assert "wrong" not in str(refused.value)
        monkeypatch.setenv("OPENAI_API_KEY", "right")
        assert None not in responses(Endpoint("fake", None, replace(QUICK, concurrency=3)), tmp_path)


def test_another_model_or_setting_is_asked_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with served(monkeypatch) as server:
        for model, how in (("a", QUICK), ("b", QUICK), ("a", replace(QUICK, max_tokens=5))):
            responses(Endpoint(model, None, how), tmp_path)
        assert len(server.asked) == 18


def test_a_server_that_refuses_everything_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch, *[Trouble.REFUSED] * 9), pytest.raises(EngineError, match="none answered"):
        asked(Endpoint("fake", None, QUICK), ITEMS)


def test_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(EngineError, match="start it"):
        asked(Endpoint("fake", None, QUICK), ITEMS[:1])


def test_an_endpoint_is_named_by_model_and_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert endpoint_named("org/m@2", QUICK).name == "org/m@2 at http://127.0.0.1:1/v1"
    assert endpoint_named("m@http://127.0.0.1:2/v1", QUICK).name == "m at http://127.0.0.1:2/v1"
    with pytest.raises(UsageError, match="names no model"):
        endpoint_named("@http://127.0.0.1:2/v1", QUICK)
