import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.backends.llm.fake_answers import Asked, answer_by_rules
from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, script
from pipeline.backends.llm.openai_chat import ClientSettings, OpenAIChat
from pipeline.backends.llm.protocol import Sampling
from pipeline.errors import Reason
from pipeline.stages.ask import Interviewer
from pipeline.stages.judge_llm import Case, Judged, judge_row, listener_record
from pipeline.store.journal import Journal

# "We count | : nine | plums." over "4 + 5 = 9"; the pad is 90, the ends are 91 and 92.
WORDS = {1: "We", 2: " count", 3: ":", 4: " nine", 5: " plums.", 11: "4", 12: " +", 13: " 5", 14: " =", 15: " 9\n"}
# 2:5: the nine is thought before it is said.
TOKENS = [1, 2, 11, 12, 13, 14, 15, 3, 4, 92, 90, 90, 90, 90, 5, 91]
STREAMS = [0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 2, 2, 2, 2, 0, 0]
# 2:4: it is said first.
DRIFTING = [1, 2, 11, 12, 13, 14, 3, 4, 15, 92, 90, 90, 5, 91]
DRIFTING_STREAMS = [0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2, 0, 0]


def record(tokens: list[int] = TOKENS, streams: list[int] = STREAMS) -> str:
    return listener_record(tokens, streams, {91, 92}, lambda ids: "".join(WORDS[token] for token in ids))


CASE = Case(
    question="Four plums and 5 plums: how many?",
    response="We count: nine plums.",
    record=record(),
    transcript="four plumbs and five plumbs how many",
)


def test_the_record_shows_the_stream_in_time_without_control_tokens() -> None:
    assert record().splitlines() == [
        "SAYS>We count",
        "THINKS>4 + 5 = 9 ; ",
        "SAYS>: nine plums.",
    ]
    assert record(DRIFTING, DRIFTING_STREAMS).splitlines()[1:4] == [
        "THINKS>4 + 5 =",
        "SAYS>: nine",
        "THINKS> 9 ; ",
    ]


def test_a_result_said_before_it_is_thought_is_drift(tmp_path: Path) -> None:
    drifting = replace(CASE, record=record(DRIFTING, DRIFTING_STREAMS))
    with FakeServer() as server:
        judged = judge(server, tmp_path, drifting)
    assert judged.finding is not None
    assert judged.finding.reason is Reason.JUDGED_DRIFT
    assert '"nine"' in judged.finding.detail


def test_a_number_heard_wrongly_is_another_problem(tmp_path: Path) -> None:
    misheard = replace(CASE, transcript="four plums and nine plums how many")
    with FakeServer() as server:
        judged = judge(server, tmp_path, misheard)
    assert judged.finding is not None
    assert judged.finding.reason is Reason.JUDGED_TRANSCRIPT


def test_symbols_are_not_colloquial(tmp_path: Path) -> None:
    with FakeServer() as server:
        judged = judge(server, tmp_path, replace(CASE, response="We count: 9 plums."))
    assert judged.finding is not None
    assert judged.finding.reason is Reason.JUDGED_COLLOQUIAL


def judge(server: FakeServer, directory: Path, case: Case = CASE) -> Judged:
    async def go() -> Judged:
        settings = ClientSettings(base_url=server.url, backoff_s=0.01, longest_backoff_s=0.02)
        async with OpenAIChat(settings) as chat, Journal(directory) as journal:
            return await judge_row(Interviewer(chat, journal, "m", Sampling()), case)

    return asyncio.run(go())


def says(name: str, quote: str, verdict: str) -> Callable[[Asked], str]:
    """An answer that accuses in one shape and approves in the others."""

    def answer(asked: Asked) -> str:
        if asked.answer == name:
            return json.dumps({"quote": quote, "explanation": "It is so.", "verdict": verdict})
        return answer_by_rules(asked)

    return answer


def test_a_good_row_gets_three_verdicts(tmp_path: Path) -> None:
    with FakeServer() as server:
        judged = judge(server, tmp_path)
    assert judged.finding is None
    verdicts = json.loads(judged.judge)
    assert {aspect: verdict["verdict"] for aspect, verdict in verdicts.items()} == {
        "drift": "ok",
        "colloquial": "ok",
        "transcript": "ok",
    }
    assert all(verdict["model"] == "m" and len(verdict["prompt"]) == 32 for verdict in verdicts.values())


def test_without_an_ear_nothing_is_asked_of_it(tmp_path: Path) -> None:
    with FakeServer() as server:
        judged = judge(server, tmp_path, replace(CASE, transcript=None))
    assert set(json.loads(judged.judge)) == {"drift", "colloquial"}
    assert server.requests == 2


@pytest.mark.parametrize(
    ("name", "quote", "verdict", "reason"),
    [
        ("DriftVerdict", "Nine plums", "drift", Reason.JUDGED_DRIFT),
        ("ColloquialVerdict", "we count:", "not_colloquial", Reason.JUDGED_COLLOQUIAL),
        ("TranscriptVerdict", "five plumbs", "other_problem", Reason.JUDGED_TRANSCRIPT),
    ],
)
def test_an_accusation_with_evidence_refuses_the_row(
    tmp_path: Path, name: str, quote: str, verdict: str, reason: Reason
) -> None:
    with FakeServer(Behaviour(answer=says(name, quote, verdict))) as server:
        judged = judge(server, tmp_path)
    assert judged.finding is not None
    assert judged.finding.reason is reason
    assert quote in judged.finding.detail
    turns = judged.payload["turns"]
    assert isinstance(turns, dict)
    assert set(turns) == {"drift", "colloquial", "transcript"}
    assert judged.usage.answers == 3


def test_an_accusation_that_quotes_nothing_real_is_sent_back(tmp_path: Path) -> None:
    def answer(asked: Asked) -> str:
        if asked.answer == "DriftVerdict" and asked.turns == 0:
            # Thought, not said: no evidence of speech.
            return json.dumps({"quote": "4 + 5", "explanation": "Early.", "verdict": "drift"})
        return answer_by_rules(asked)

    with FakeServer(Behaviour(answer=answer)) as server:
        judged = judge(server, tmp_path)
    assert judged.finding is None
    assert server.requests == 4
    assert "does not occur" in server.asked[1].messages[-1][1]


def test_a_judge_who_never_makes_sense_is_a_failure_of_the_model(tmp_path: Path) -> None:
    with FakeServer(Behaviour(troubles=script(*[Trouble.BROKEN_JSON] * 3))) as server:
        judged = judge(server, tmp_path)
    assert judged.finding is not None
    assert judged.finding.reason is Reason.LLM_FAILED
    assert "judge of drift" in judged.finding.detail
    assert set(json.loads(judged.judge)) == {"colloquial", "transcript"}


def test_judging_again_asks_nothing(tmp_path: Path) -> None:
    with FakeServer() as server:
        first = judge(server, tmp_path)
        asked = server.requests
        assert judge(server, tmp_path) == first
    assert server.requests == asked == 3
