"""Stage rewrite: a written problem to a spoken question, a silent reasoning and a spoken response.

Two engines, one set of gates: `rules` (core.speak and core.split) and `openai` (a model, `rewrite_llm`). Neither knows
a schedule or a tokenizer.
"""

import json
from collections import Counter
from functools import partial
from typing import Any

from pipeline.backends.llm.protocol import Postponed
from pipeline.config import RewriteConfig
from pipeline.config_llm import LlmConfig
from pipeline.core.faithful import foreign_question
from pipeline.core.gates import Limits, check
from pipeline.core.outcome import Unreadable
from pipeline.core.speak import speak
from pipeline.core.split import split
from pipeline.errors import Reason
from pipeline.stages.ask import Usage, or_postponed, usage_stats
from pipeline.stages.desk import Desk
from pipeline.stages.interview import interviewing
from pipeline.stages.rewrite_llm import Calls, Refusal, rewrite_row
from pipeline.stages.run_rows import run_rows
from pipeline.stages.stage import Inputs, Outcome, attempts_in, guarded, refuse
from pipeline.stages.stored_answer import answer_of
from schemas.rows import Problem, Rejected, SpokenProblem
from sources.registry import source_named

TABLE = "spoken"
STAGE = "rewrite"
VERSION = 5
_BY_RULES = json.dumps({"engine": "rules", "version": VERSION}, sort_keys=True)


def by_rules(config: RewriteConfig, inputs: Inputs) -> Outcome:
    """Rewrite without a model."""
    limits = limits_of(config)
    rows: list[SpokenProblem] = []
    refused: list[Rejected] = []
    for problem in inputs["problem"].to_pylist():
        made = guarded(partial(_spoken_by_rules, problem, limits))
        if isinstance(made, SpokenProblem):
            rows.append(made)
        else:
            why, draft = made if isinstance(made, tuple) else (made, {})
            refused.append(refuse(STAGE, problem, why, {"solution": problem["solution"], **draft}))
    return Outcome(rows, refused)


def _spoken_by_rules(problem: dict[str, Any], limits: Limits) -> SpokenProblem | tuple[Unreadable, dict[str, str]]:
    strange = foreign_question(problem["question"])
    if strange is not None:
        return Unreadable(Reason.NOT_ENGLISH, strange), {}
    question = speak(problem["question"])
    if isinstance(question, Unreadable):
        return question, {}
    answer = answer_of(problem)
    if isinstance(answer, Unreadable):
        return answer, {}
    convention = source_named(problem["source"]).convention
    parts = split(problem["question"], problem["solution"], answer, convention, problem["id"], heard=question)
    if isinstance(parts, Unreadable):
        return parts, {"spoken_question": question}
    finding = check(problem["question"], question, parts.reasoning, parts.response, answer, limits)
    if finding is not None:
        return finding, {
            "spoken_question": question,
            "reasoning": parts.reasoning,
            "response": parts.response,
        }
    return SpokenProblem(
        id=problem["id"],
        spoken_question=question,
        reasoning=parts.reasoning,
        response=parts.response,
        rewrite=_BY_RULES,
    )


async def by_model(config: RewriteConfig, llm: LlmConfig, desk: Desk, inputs: Inputs) -> Outcome:
    """Rewrite with a model; every answer that was paid for is in the journal before it counts.

    Raises:
        EngineError: the server does not answer or refuses the key.
        StoreError: an answer could not be stored.
    """
    problems = inputs["problem"].to_pylist()
    attempts = attempts_in(inputs)
    limits = limits_of(config)
    async with interviewing(llm, desk, config.repair_turns) as interviewer:
        done = await run_rows(
            problems,
            lambda row: or_postponed(
                rewrite_row(
                    interviewer.about(row["id"], attempts.get(row["id"], 0)),
                    Problem(**row),
                    limits,
                    Calls(config.calls),
                )
            ),
            llm.requests.concurrency,
        )
    rows: list[SpokenProblem] = []
    refused: list[Rejected] = []
    pending: Counter[str] = Counter()
    usage: list[Usage] = []
    for problem, rewriting in zip(problems, done, strict=True):
        if isinstance(rewriting, Postponed):
            pending[rewriting.cause] += 1
            continue
        usage.append(rewriting.usage)
        if isinstance(rewriting.row, Refusal):
            why, told = rewriting.row.finding, rewriting.row.payload
            refused.append(refuse(STAGE, problem, why, told, attempts.get(problem["id"], 0)))
        else:
            rows.append(rewriting.row)
    asked = {"rows_asked": float(len(usage)), "rows_passed": float(len(rows))}
    return Outcome(rows, refused, {**usage_stats(usage), **asked}, pending)


def limits_of(config: RewriteConfig) -> Limits:
    """The gates' limits as core takes them."""
    return Limits(response_words=config.max_response_words, reasoning_ratio=config.max_reasoning_ratio)
