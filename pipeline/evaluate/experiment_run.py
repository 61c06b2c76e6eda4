"""One run of the experiment: train a fresh model on an arm, then let it answer held-out problems."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.core import quantities
from pipeline.core.answer import Answer, from_text
from pipeline.core.outcome import Unreadable
from pipeline.core.schedule import Stream, emitted_before
from pipeline.core.scoring import normalised
from pipeline.errors import ContractError
from pipeline.evaluate.arms import Arm, arm_named, slack_of
from pipeline.evaluate.experiment_config import ExperimentConfig
from pipeline.infer.decode import Decoded, Limits, Prompt, decode_all
from pipeline.model import prompt
from pipeline.model.thinker import Thinker, tiny
from pipeline.model.vocabulary import Vocabulary
from pipeline.store.atomic import write_json, write_text
from pipeline.train.accelerator import accelerator_of
from pipeline.train.curriculum import LLM, TrainStage
from pipeline.train.journal import logged, opened_log
from pipeline.train.loop import Losses, StepLog, Validated
from pipeline.train.reader import Corpora, Corpus, open_corpus
from pipeline.train.samples import Objective, Source, columns_of
from pipeline.train.thinker import train_thinker

_READ = (Objective(Source.TEXT),)
_ROOM = 1.5
"""How much longer than the longest it learned from a decoded stream may grow."""
RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class Run:
    """One cell of the grid."""

    arm: str
    budget: str
    seed: int
    steps: int

    @property
    def folder(self) -> str:
        """Where it is kept."""
        return f"{self.budget}/{arm_named(self.arm).folder}/{self.seed}"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model said of a held-out problem."""

    id: str
    response: str
    reasoning: str
    right: bool
    words: int
    first: int
    """Tokens before the first spoken one; pads count."""
    last: int
    """Tokens before the last spoken one."""
    slack: int | None
    """Of what it claims; None where it claims nothing that it reasoned."""
    ended: bool
    """Whether it came to an end by itself."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """Means over the held-out problems."""

    arm: str
    budget: str
    seed: int
    steps: int
    n_tokens: int
    """Tokens trained on, questions included."""
    loss: float
    """Mean of the last tenth of the steps."""
    n_answered: int
    accuracy: float
    words: float
    first: float
    last: float
    drift: float | None
    """Share of answers in which a result is spoken before it is reasoned; None where nothing is reasoned."""
    unended: float
    """Share of answers that a limit had to end."""


def run_one(run: Run, tables: Path, vocabulary: Vocabulary, config: ExperimentConfig, out: Path) -> RunResult:
    """Train and answer, or read what was found before; goes on where it was killed.

    Args:
        run: the cell.
        tables: folder of the arm's tables.
        vocabulary: of all arms.
        config: the grid.
        out: folder of the run.

    Raises:
        ContractError: another run lies there.
        RunError: the loss is not finite, or memory ran out.
    """
    path = out / RESULT
    if path.is_file():
        found = RunResult(**json.loads(path.read_text(encoding="utf-8")))
        if (found.arm, found.budget, found.seed, found.steps) != (run.arm, run.budget, run.seed, run.steps):
            raise ContractError(f"{path}: of {found.steps} steps, now {run.steps}: give another --out")
        return found
    out.mkdir(parents=True, exist_ok=True)
    thinker, logs = _trained(run, tables, vocabulary, config, out)
    test = open_corpus(str(tables), "test", ["id", "spoken_question", "answer"])
    answers = list(answered(thinker, arm_named(run.arm), _held_out(test, config), tables, config.decode_rows))
    write_text(out / "answers.jsonl", "".join(json.dumps(asdict(one)) + "\n" for one in answers))
    result = _result(run, logs, answers)
    write_json(path, asdict(result))
    shutil.rmtree(out / "state", ignore_errors=True)
    return result


def _trained(
    run: Run, tables: Path, vocabulary: Vocabulary, config: ExperimentConfig, out: Path
) -> tuple[Thinker, dict[int, StepLog]]:
    """A model of the run, and its steps; those of an earlier, killed process are read from its log."""
    accelerator = accelerator_of(config.precision)
    thinker = tiny(vocabulary, config.geometry, run.seed).to(accelerator.device)
    stage = TrainStage(run.arm, LLM, _READ, config.learning_rate, run.steps)
    path = out / "steps.jsonl"
    logs: dict[int, StepLog] = {}
    if path.is_file():
        logs = {log.step: log for log in map(_step_log, logged(path))}
    with opened_log(path) as file:

        def take(log: StepLog | Validated) -> None:
            if isinstance(log, StepLog):
                logs[log.step] = log
                file.write(json.dumps(asdict(log)) + "\n")
                file.flush()

        corpora = Corpora(open_corpus(str(tables), "train", columns_of(_READ)))
        train_thinker(thinker, corpora, stage, replace(config.loop, seed=run.seed), out, accelerator, take)
    return thinker.eval(), logs


def _step_log(plain: dict[str, Any]) -> StepLog:
    return StepLog(**{**plain, "losses": Losses(**plain["losses"])})


def _held_out(corpus: Corpus, config: ExperimentConfig) -> list[dict[str, Any]]:
    columns = ["id", "spoken_question", "answer"]
    rows = [row for piece in corpus.pieces for row in corpus.rows(piece, columns)]
    return rows[: config.held_out]


def answered(
    thinker: Thinker, arm: Arm, rows: Sequence[dict[str, Any]], tables: Path, together: int
) -> Iterator[Answered]:
    """Let a model answer problems within the slots of its arm.

    Args:
        thinker: the model.
        arm: its way of talking.
        rows: id, spoken_question and answer of each problem.
        tables: folder of the arm's tables, which say how long a stream may grow.
        together: problems of a batch.
    """
    limits = _limits(tables)
    for start in range(0, len(rows), together):
        part = rows[start : start + together]
        prompts = [Prompt(prompt.written(thinker.vocabulary, row["spoken_question"])) for row in part]
        for row, decoded in zip(part, decode_all(thinker, prompts, arm.paradigm, limits=limits), strict=True):
            yield _answer(thinker, row, decoded)


def _limits(tables: Path) -> Limits:
    columns = ["response_ids", "reasoning_ids"]
    corpus = open_corpus(str(tables), "train", columns)
    rows = [row for piece in corpus.pieces for row in corpus.rows(piece, columns)]
    response, reasoning = (max(len(row[name]) for row in rows) for name in columns)
    return Limits(round(_ROOM * response), round(_ROOM * reasoning))


def _answer(thinker: Thinker, row: dict[str, Any], decoded: Decoded) -> Answered:
    vocabulary = thinker.vocabulary
    control = vocabulary.control
    turn = decoded.turn(thinker)
    response, reasoning = vocabulary.loaded.decode(turn.response_ids), vocabulary.loaded.decode(turn.reasoning_ids)
    spoken = [
        at
        for at, (token, stream) in enumerate(zip(decoded.token_ids, decoded.streams, strict=True))
        if stream == Stream.RESPONSE and token < control.n_text_ids
    ]
    slack = None
    if turn.reasoning_ids and spoken:
        ends = (_ends(vocabulary, turn.response_ids), _ends(vocabulary, turn.reasoning_ids))
        emitted = emitted_before(decoded.streams, decoded.token_ids, control)
        slack = slack_of(quantities.read(row["spoken_question"]), reasoning, response, ends, emitted)
    return Answered(
        row["id"],
        response,
        reasoning,
        normalised(response, _gold(row)),
        len(response.split()),
        spoken[0] if spoken else len(decoded.token_ids),
        spoken[-1] if spoken else len(decoded.token_ids),
        slack,
        decoded.ended,
    )


def _gold(row: dict[str, Any]) -> Answer:
    gold = from_text(row["answer"])
    if isinstance(gold, Unreadable):
        raise ContractError(f"row {row['id']}: its answer {row['answer']!r} cannot be read: {gold.detail}")
    return gold


def _ends(vocabulary: Vocabulary, ids: list[int]) -> list[int]:
    """Where each token ends in the characters of the text; a model need not choose the tokens that encoding would."""
    decode = vocabulary.loaded.decode
    return [len(decode(ids[: k + 1])) for k in range(len(ids))]


def _result(run: Run, logs: dict[int, StepLog], answers: Sequence[Answered]) -> RunResult:
    steps = [logs[step] for step in sorted(logs)]
    last = steps[-max(1, len(steps) // 10) :]
    n = len(answers)
    claiming = [one.slack for one in answers if one.slack is not None]
    return RunResult(
        run.arm,
        run.budget,
        run.seed,
        run.steps,
        sum(log.n_filled for log in steps),
        sum(log.losses.total for log in last) / len(last),
        n,
        sum(one.right for one in answers) / n,
        sum(one.words for one in answers) / n,
        sum(one.first for one in answers) / n,
        sum(one.last for one in answers) / n,
        sum(slack < 0 for slack in claiming) / len(claiming) if claiming else None,
        sum(not one.ended for one in answers) / n,
    )
