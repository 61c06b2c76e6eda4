import json
import re
from importlib.resources import files

import pytest

import prompts
from pipeline.core.answer import Answer, from_text
from pipeline.core.gates import Limits, check_answer, check_question
from prompts import load
from prompts.answers import ANSWERS

NAMES = sorted(file.name.removesuffix(".md") for file in files("prompts").iterdir() if file.name.endswith(".md"))


def test_every_prompt_that_the_stages_use_ships() -> None:
    assert NAMES == [
        "judge_colloquial",
        "judge_drift",
        "judge_transcript",
        "rewrite_joint",
        "rewrite_question",
        "split_solution",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_has_text_places_and_an_answer_model(name: str) -> None:
    prompt = load(name)
    assert prompt.name == name
    assert "question" in prompt.places
    assert "{{" not in prompt.text
    filled = prompt.fill(**{place: f"<{place}>" for place in prompt.places})
    assert "<question>" in filled
    assert "{{" not in filled
    for field in prompt.answer.model_fields:
        assert field in prompt.text


EXAMPLE = re.compile(
    r"^Problem:\n(?P<question>.+?)\n\n"
    r"(?:Written solution:\n.+?\n\nFinal answer: (?P<answer>.+?)\n\n)?(?P<json>\{.*\})$",
    re.MULTILINE | re.DOTALL,
)


def examples(name: str) -> list[tuple[str, str, dict[str, str]]]:
    """(question, final answer, fields) of the examples in a prompt."""
    text = load(name).text
    blocks = re.split(r"^(?=Problem:$)", text[text.index("Two examples.") :], flags=re.MULTILINE)[1:]
    found = [EXAMPLE.match(block.strip()) for block in blocks]
    return [(m["question"], m["answer"] or "", json.loads(m["json"])) for m in found if m is not None]


@pytest.mark.parametrize("name", ["rewrite_joint", "rewrite_question", "split_solution"])
def test_the_examples_satisfy_the_gates_that_answers_are_held_to(name: str) -> None:
    shown = examples(name)
    assert len(shown) == 2
    for question, final, fields in shown:
        load(name).answer.model_validate(fields)
        if "spoken_question" in fields:
            assert check_question(question, fields["spoken_question"]) is None
        if "response" in fields:
            answer = from_text(final)
            assert isinstance(answer, Answer)
            assert check_answer(question, fields["reasoning"], fields["response"], answer, Limits()) is None


def test_digests_tell_prompts_apart() -> None:
    assert len({load(name).digest for name in NAMES}) == len(NAMES)


def test_text_in_a_row_that_looks_like_a_place_is_left_alone() -> None:
    prompt = load("judge_transcript")
    assert "{{question}}" in prompt.fill(question="{{transcript}}", transcript="{{question}}")


def test_a_forgotten_place_is_named() -> None:
    with pytest.raises(ValueError, match="takes \\['question', 'transcript'\\]"):
        load("judge_transcript").fill(question="q")


def test_answers_allow_no_field_beside_those_asked_for() -> None:
    for model in ANSWERS.values():
        schema = model.model_json_schema()
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])


def test_the_package_says_how_a_prompt_file_looks() -> None:
    assert "=== user ===" in (prompts.__doc__ or "")
