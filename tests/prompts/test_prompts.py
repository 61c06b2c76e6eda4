import json
from importlib.resources import files

import pytest

import prompts
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


@pytest.mark.parametrize("name", ["rewrite_joint", "rewrite_question", "split_solution"])
def test_the_examples_have_the_shape_that_is_asked_for(name: str) -> None:
    prompt = load(name)
    examples = [line for line in prompt.text.splitlines() if line.startswith("{")]
    assert len(examples) == 2
    for example in examples:
        prompt.answer.model_validate(json.loads(example))


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
