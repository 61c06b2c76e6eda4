import pytest
from pydantic import BaseModel, ConfigDict

from pipeline.backends.llm.answers import MAX_CHARACTERS, json_schema, read_answer
from pipeline.backends.llm.protocol import BadAnswer, Fault, Reply


class Sum(BaseModel):
    model_config = ConfigDict(extra="forbid")

    steps: str
    total: int


GOOD = '{"steps": "2 + 3 = 5 {pears}", "total": 5}'


def reply(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(text, finish_reason, "m", 10, 20)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n {GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"Sure, here it is:\n{GOOD}\nI hope that helps {{really}}.",
    ],
)
def test_an_answer_is_found_in_what_servers_put_around_it(text: str) -> None:
    assert read_answer(reply(text), Sum) == Sum(steps="2 + 3 = 5 {pears}", total=5)


@pytest.mark.parametrize(
    ("text", "finish_reason", "fault"),
    [
        (GOOD, "length", Fault.CUT),
        ("", "content_filter", Fault.FILTERED),
        (" \n", "stop", Fault.EMPTY),
        (GOOD + " " * 5 + "x" * MAX_CHARACTERS, "stop", Fault.HUGE),
        ("Five pears.", "stop", Fault.NOT_JSON),
        (GOOD[:-5], "stop", Fault.NOT_JSON),
        ("{" * 5000, "stop", Fault.NOT_JSON),
        ('{"a":' * 3000 + "1", "stop", Fault.NOT_JSON),
        ('{"steps": "2 + 3 = 5"}', "stop", Fault.WRONG_FIELDS),
        ('{"steps": "2 + 3 = 5", "total": "five"}', "stop", Fault.WRONG_FIELDS),
        ('{"steps": "", "total": 5, "more": 1}', "stop", Fault.WRONG_FIELDS),
        ('{"steps": "half \\ud83d", "total": 5}', "stop", Fault.NOT_JSON),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(text: str, finish_reason: str, fault: Fault) -> None:
    with pytest.raises(BadAnswer) as caught:
        read_answer(reply(text, finish_reason), Sum)
    assert caught.value.fault is fault
    assert "\n" not in str(caught.value)


def test_wrong_fields_are_named() -> None:
    with pytest.raises(BadAnswer, match="total: Field required"):
        read_answer(reply('{"steps": ""}'), Sum)


def test_the_schema_requires_every_field_and_allows_no_other() -> None:
    schema = json_schema(Sum)
    assert schema["required"] == ["steps", "total"]
    assert schema["additionalProperties"] is False
