import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline
from pipeline.backends.llm.fake_answers import Asked, answer_by_rules
from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, Troubles, none, script, shares
from pipeline.backends.llm.openai_chat import ClientSettings, OpenAIChat
from pipeline.backends.llm.protocol import Message, Request, Sampling
from pipeline.config import RewriteConfig
from pipeline.core.gates import Limits
from pipeline.core.outcome import Unreadable
from pipeline.errors import EngineError, Reason
from pipeline.stages import rewrite_llm
from pipeline.stages.ask import Interviewer, journal_key
from pipeline.stages.rewrite import by_rules
from pipeline.stages.rewrite_llm import Calls, Refusal, Rewriting, rewrite_row
from pipeline.stages.run_rows import run_rows
from pipeline.store.journal import Journal
from prompts.answers import JointRewriting, SplitSolution, SpokenQuestion
from schemas.problem import ProblemTable
from schemas.rows import Problem, SpokenProblem
from schemas.table import to_table

ROOT = Path(pipeline.__file__).parents[1]

GOOD = {
    "spoken_question": "A baker makes twelve trays of eight rolls. He sells seventy of them. How many rolls are left?",
    "reasoning": "12 * 8 = 96 rolls\n96 - 70 = 26 rolls",
    "response": "Okay, let us first count what the baker makes. All the trays together hold ninety six rolls. "
    "After the sale, twenty six rolls are left.",
}


def problem(trays: int = 12) -> Problem:
    rolls = trays * 8
    left = rolls - 70
    return Problem(
        id=f"{trays:032x}",
        source="sample/gsm8k",
        subset="",
        source_id=str(trays),
        family="0" * 32,
        license="CC0-1.0",
        original_question=None,
        question=f"A baker makes {trays} trays of 8 rolls. He sells 70 of them. How many rolls are left?",
        solution=f"He makes {trays}*8=<<{trays}*8={rolls}>>{rolls} rolls.\n"
        f"There are {rolls}-70=<<{rolls}-70={left}>>{left} rolls left.\n#### {left}",
        answer=str(left),
        answer_value=str(left),
        answer_kind="number",
        duplicate_key="0" * 32,
    )


def rewrite(
    server: FakeServer,
    directory: Path,
    problems: Sequence[Problem] = (problem(),),
    attempt: int = 0,
    calls: Calls = Calls.JOINT,
) -> list[Rewriting]:
    async def go() -> list[Rewriting]:
        settings = ClientSettings(base_url=server.url, backoff_s=0.01, longest_backoff_s=0.05)
        async with OpenAIChat(settings) as chat, Journal(directory) as journal:
            interviewer = Interviewer(chat, journal, "m", Sampling(temperature=0.0), attempt=attempt)
            return await run_rows(problems, lambda row: rewrite_row(interviewer, row, Limits(), calls), 8)

    return asyncio.run(go())


def serve(*answers: dict[str, str], troubles: Troubles = none) -> FakeServer:
    """A server that gives these answers turn by turn, and the last one for ever."""

    def answer(asked: Asked) -> str:
        return json.dumps(answers[min(asked.turns, len(answers) - 1)])

    return FakeServer(Behaviour(answer=answer, troubles=troubles))


def spoken(rewriting: Rewriting) -> SpokenProblem:
    assert isinstance(rewriting.row, SpokenProblem), rewriting.row
    return rewriting.row


def refusal(rewriting: Rewriting) -> Refusal:
    assert isinstance(rewriting.row, Refusal), rewriting.row
    return rewriting.row


def test_a_good_answer_becomes_the_row(tmp_path: Path) -> None:
    with serve(GOOD) as server:
        (made,) = rewrite(server, tmp_path)
    row = spoken(made)
    assert {name: getattr(row, name) for name in GOOD} == GOOD
    assert row.id == problem().id
    provenance = json.loads(row.rewrite)
    assert provenance["model"] == "m"
    assert provenance["repair_turns"] == 0
    assert made.usage.answers == 1
    assert "12 trays" in server.asked[0].user
    assert "Final answer: 26" in server.asked[0].user


def test_in_two_calls_a_finding_in_one_text_leaves_the_other_as_it_is(tmp_path: Path) -> None:
    def answer(asked: Asked) -> str:
        good = {name: GOOD[name] for name in GOOD if (name == "spoken_question") == (asked.answer == "SpokenQuestion")}
        if asked.answer == "SplitSolution" and asked.turns == 0:
            good["reasoning"] = "12 * 8 = 98 rolls"
        return json.dumps(good)

    with FakeServer(Behaviour(answer=answer)) as server:
        (made,) = rewrite(server, tmp_path, calls=Calls.SPLIT)
    row = spoken(made)
    assert {name: getattr(row, name) for name in GOOD} == GOOD
    assert [asked.answer for asked in server.asked] == ["SpokenQuestion", "SplitSolution", "SplitSolution"]
    assert "Written solution" not in server.asked[0].user
    provenance = json.loads(row.rewrite)
    assert provenance["repair_turns"] == 1
    assert provenance["prompt"].keys() == {"rewrite_question", "split_solution"}
    assert made.usage.answers == 3


@pytest.mark.parametrize("broken", ["SpokenQuestion", "SplitSolution"])
def test_in_two_calls_either_may_refuse_the_row(tmp_path: Path, broken: str) -> None:
    def answer(asked: Asked) -> str:
        return "I will not." if asked.answer == broken else answer_by_rules(asked)

    with FakeServer(Behaviour(answer=answer)) as server:
        (made,) = rewrite(server, tmp_path, calls=Calls.SPLIT)
    refused = refusal(made)
    assert refused.finding.reason is Reason.LLM_FAILED
    turns = refused.payload["turns"]
    assert isinstance(turns, list)
    assert len(turns) == made.usage.answers == (3 if broken == "SpokenQuestion" else 4)


def test_a_question_in_another_language_is_refused_unasked(tmp_path: Path) -> None:
    german = "Ein Bäcker backt 12 Bleche mit je 8 Brötchen und verkauft 70 davon. Wie viele Brötchen bleiben ihm?"
    with FakeServer() as server:
        (made,) = rewrite(server, tmp_path, [replace(problem(), question=german)])
    assert refusal(made).finding.reason is Reason.NOT_ENGLISH
    assert server.requests == 0
    made_by_rules = by_rules(
        RewriteConfig(), {"problem": to_table(ProblemTable, [replace(problem(), question=german)])}
    )
    assert [row.reason for row in made_by_rules.refused] == [Reason.NOT_ENGLISH]


def test_the_fake_server_rewrites_by_the_rules(tmp_path: Path) -> None:
    with FakeServer() as server:
        (made,) = rewrite(server, tmp_path)
    assert "twenty six" in spoken(made).response


def test_digits_that_the_model_left_are_spoken_without_asking_again(tmp_path: Path) -> None:
    lazy = {**GOOD, "spoken_question": problem().question, "response": GOOD["response"].replace("twenty six", "26")}
    with serve(lazy) as server:
        (made,) = rewrite(server, tmp_path)
    assert spoken(made).response == GOOD["response"]
    assert spoken(made).spoken_question == GOOD["spoken_question"]
    assert server.requests == 1


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("spoken_question", GOOD["spoken_question"].replace("seventy", "seventeen"), Reason.QUANTITIES_CHANGED),
        (
            "spoken_question",
            "A smith makes twelve crates of eight nails. He loses seventy. How many nails remain?",
            Reason.WORDS_CHANGED,
        ),
        ("response", "Okay, let us count. Say the rolls are x, then x = 12 * y, so 26 rolls are left.", Reason.RESIDUE),
        ("response", "Vale, contemos los panes. Hay 96 panes. Tras la venta quedan 26 panes.", Reason.NOT_ENGLISH),
        (
            "response",
            f"Okay, let us follow the people on the tram and see what happens. {GOOD['response']}",
            Reason.COPIED,
        ),
        ("reasoning", "12 * 8 = 98 rolls\n98 - 70 = 28 rolls", Reason.WRONG_ARITHMETIC),
        ("reasoning", "It is clear.", Reason.NO_STEPS),
        ("response", GOOD["response"].replace("ninety six", "ninety five"), Reason.UNGROUNDED),
        ("response", "There were ninety six rolls in all.", Reason.WRONG_ANSWER),
        ("response", "So let us see. " * 30 + GOOD["response"], Reason.TOO_LONG),
    ],
)
def test_a_finding_goes_back_to_the_model_and_then_refuses_the_row_by_its_own_name(
    tmp_path: Path, field: str, text: str, reason: Reason
) -> None:
    bad = {**GOOD, field: text}
    with serve(bad, GOOD) as server:
        (mended,) = rewrite(server, tmp_path / "mended")
    assert json.loads(spoken(mended).rewrite)["repair_turns"] == 1
    said_back = server.asked[1].messages
    assert said_back[-2] == ("assistant", json.dumps(bad))
    assert reason.value in said_back[-1][1]

    with serve(bad) as server:
        (made,) = rewrite(server, tmp_path / "stubborn")
    assert server.requests == 3
    refused = refusal(made)
    assert refused.finding.reason is reason
    turns = refused.payload["turns"]
    assert isinstance(turns, list)
    assert [turn["answer"] for turn in turns] == [json.dumps(bad)] * 3
    assert made.usage.answers == 3


@pytest.mark.parametrize(
    ("trouble", "named"),
    [
        (Trouble.BROKEN_JSON, "not valid JSON"),
        (Trouble.CUT, "was cut after"),
        (Trouble.EMPTY, "was empty"),
        (Trouble.HUGE, "characters, more than"),
        (Trouble.FILTERED, "declined or filtered"),
    ],
)
def test_an_unusable_answer_gets_a_second_chance_and_is_never_a_row(
    tmp_path: Path, trouble: Trouble, named: str
) -> None:
    with serve(GOOD, troubles=script(trouble)) as server:
        (mended,) = rewrite(server, tmp_path / "mended")
    assert spoken(mended).response == GOOD["response"]
    assert server.requests == 2
    with serve(GOOD, troubles=lambda _: trouble) as server:
        (made,) = rewrite(server, tmp_path / "stubborn")
    refused = refusal(made)
    assert refused.finding.reason is Reason.LLM_FAILED
    assert named in refused.finding.detail
    assert "\n" not in refused.finding.detail
    turns = refused.payload["turns"]
    assert isinstance(turns, list)
    assert len(turns) == server.requests == made.usage.answers == 3
    assert all(named in turn["finding"] for turn in turns)


def test_what_is_in_the_journal_is_not_asked_again_even_without_a_server(tmp_path: Path) -> None:
    bad = {**GOOD, "response": "Twenty six."}
    with serve({**GOOD, "reasoning": "None."}, bad, GOOD) as server:
        first = rewrite(server, tmp_path)
    assert server.requests > 1
    assert rewrite(server, tmp_path) == first


def test_a_raised_attempt_asks_afresh(tmp_path: Path) -> None:
    with serve(GOOD) as server:
        rewrite(server, tmp_path)
        rewrite(server, tmp_path, attempt=1)
        rewrite(server, tmp_path, attempt=1)
    assert server.requests == 2


def test_a_poisoned_row_is_refused_alone(tmp_path: Path) -> None:
    def answer(asked: Asked) -> str:
        return "I will not." if "A baker makes 20 trays" in asked.user else answer_by_rules(asked)

    with FakeServer(Behaviour(answer=answer)) as server:
        made = rewrite(server, tmp_path, [problem(trays) for trays in range(15, 30)])
    assert [isinstance(one.row, SpokenProblem) for one in made] == [trays != 20 for trays in range(15, 30)]
    assert refusal(made[5]).finding.reason is Reason.LLM_FAILED


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("spoken_question", GOOD["spoken_question"] + " one" * 4500, Reason.TOO_LONG),
        ("response", "They have " + "one " * 4500 + "rolls.", Reason.TOO_LONG),
        ("response", GOOD["response"] + "(" * 9000, Reason.TOO_LONG),
        ("reasoning", "12 * 8 = 96 rolls " + "(" * 9000 + "1" + ")" * 9000 + " = 1", Reason.TOO_LONG),
        ("spoken_question", GOOD["spoken_question"] + " hundred" * 9, Reason.QUANTITIES_CHANGED),
    ],
)
def test_a_model_that_runs_on_refuses_its_row_fast(tmp_path: Path, field: str, text: str, reason: Reason) -> None:
    start = time.process_time()
    with serve({**GOOD, field: text}) as server:
        bad, good = rewrite(server, tmp_path, [problem(), problem(12)])
    assert refusal(bad).finding.reason is refusal(good).finding.reason is reason
    assert time.process_time() - start < 10


def test_an_answer_that_breaks_a_gate_costs_its_row_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def brittle(self: rewrite_llm._Task, draft: SpokenQuestion) -> SpokenQuestion | Unreadable:
        if "twenty trays" in draft.spoken_question:
            raise OverflowError("too large\nfor me")
        return whole(self, draft)

    whole = rewrite_llm._Task.question
    monkeypatch.setattr(rewrite_llm._Task, "question", brittle)
    with FakeServer() as server:
        made = rewrite(server, tmp_path, [problem(trays) for trays in range(18, 23)])
    assert [isinstance(one.row, SpokenProblem) for one in made] == [True, True, False, True, True]
    assert refusal(made[2]).finding == Unreadable(Reason.FAILED, "OverflowError: too large")
    assert made[2].usage.answers == 3


def test_under_all_troubles_at_once_every_row_ends_and_none_is_bad(tmp_path: Path) -> None:
    chances = {Trouble.TOO_MANY: 0.05, Trouble.SERVER_ERROR: 0.03, Trouble.HANG_UP: 0.02, Trouble.BROKEN_JSON: 0.02}
    problems = [problem(trays) for trays in range(10, 110)]
    with FakeServer(Behaviour(troubles=shares(chances, seed=3))) as server:
        made = rewrite(server, tmp_path, problems)
    assert [spoken(one).id for one in made] == [row.id for row in problems]


def test_a_server_that_is_down_stops_the_stage_fast(tmp_path: Path) -> None:
    with serve(GOOD) as server:
        pass
    start = time.monotonic()
    with pytest.raises(EngineError, match="does not answer"):
        rewrite(server, tmp_path, [problem(trays) for trays in range(10, 40)])
    assert time.monotonic() - start < 3


# Rewrites the problems that the test module makes, against the server of the first argument.
CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
import test_rewrite_llm as test

class Server:
    url = sys.argv[1]

test.rewrite(Server(), Path(sys.argv[2]), [test.problem(trays) for trays in range(10, 210)])
"""


def _child(server: FakeServer, directory: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, server.url, str(directory), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "x"},
    )


def test_after_kill_9_ten_times_only_what_was_in_flight_is_asked_again(tmp_path: Path) -> None:
    n_kills, in_flight = 10, 8
    moments = sorted(random.Random(1).sample(range(5, 190), n_kills))
    with FakeServer(Behaviour(latency_s=0.02)) as server:
        for asked in moments:
            process = _child(server, tmp_path)
            _until(server, asked)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        made = rewrite(server, tmp_path, [problem(trays) for trays in range(10, 210)])
    assert [spoken(one).id for one in made] == [problem(trays).id for trays in range(10, 210)]
    assert 200 <= server.requests <= 200 + n_kills * in_flight
    times_asked = Counter(asked.user for asked in server.asked)
    assert len(times_asked) == 200


def _until(server: FakeServer, asked: int) -> None:
    deadline = time.monotonic() + 30
    while server.requests < asked:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_the_journal_key_changes_with_all_that_is_asked() -> None:
    request = Request((Message("user", "hello"),), "m", Sampling(temperature=0.0), JointRewriting)
    others = [
        Request((Message("system", "hello"),), "m", Sampling(temperature=0.0), JointRewriting),
        Request((Message("user", "hello!"),), "m", Sampling(temperature=0.0), JointRewriting),
        Request((Message("user", "hello"),), "n", Sampling(temperature=0.0), JointRewriting),
        Request((Message("user", "hello"),), "m", Sampling(temperature=0.1), JointRewriting),
        Request((Message("user", "hello"),), "m", Sampling(temperature=0.0, max_tokens=9), JointRewriting),
        Request((Message("user", "hello"),), "m", Sampling(temperature=0.0), SplitSolution),
    ]
    keys = {journal_key(request, "a", 0), journal_key(request, "b", 0), journal_key(request, "a", 1)}
    keys |= {journal_key(other, "a", 0) for other in others}
    assert len(keys) == 3 + len(others)
    assert journal_key(request, "a", 0) == journal_key(request, "a", 0)
