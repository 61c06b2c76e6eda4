"""Who can be asked to find planted faults: the exact check, or a model that is asked as stage verify asks it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.backends.llm.protocol import Postponed
from pipeline.backends.llm.quota import Alone
from pipeline.backends.openai_address import require_key
from pipeline.config_llm import LlmConfig
from pipeline.config_sources import Judge
from pipeline.core.calibration import DriftJudge, Planted, exact_verdict
from pipeline.core.schedule import TokenStream
from pipeline.errors import EngineError, Reason, UsageError
from pipeline.evaluate.calibrate import Layouts
from pipeline.stages.ask import Failed, Interviewer, or_postponed
from pipeline.stages.desk import Desk
from pipeline.stages.interview import interviewing, limits_of
from pipeline.stages.judge_llm import drift_charge, hear, listener_record
from pipeline.stages.run_rows import run_rows
from pipeline.store.place import Place
from pipeline.store.spending import spending

_AS_PLANTED = {"ok": None, "drift": Reason.DRIFT, "unfounded": Reason.UNGROUNDED}


@dataclass(frozen=True)
class ExactJudge:
    """The exact check, which reads the stream as stage verify does."""

    layouts: Layouts
    name = Judge.RULES.value

    def verdicts(self, planted: Sequence[Planted]) -> Sequence[Reason | None]:
        """See `core.calibration.DriftJudge`."""
        return [
            exact_verdict(
                TokenStream(entry.token_ids, entry.streams),
                entry.subject,
                self.layouts.of(entry.subject.schedule),
            )
            for entry in planted
        ]


@dataclass(frozen=True)
class ModelJudge:
    """A language model, shown the record that stage verify would show it."""

    layouts: Layouts
    llm: LlmConfig
    journal: Place
    """Folder of answers; asking the same again costs nothing."""
    repair_turns: int

    @property
    def name(self) -> str:
        """The engine and its model."""
        return f"{Judge.OPENAI.value} ({self.llm.model})"

    def verdicts(self, planted: Sequence[Planted]) -> Sequence[Reason | None]:
        """See `core.calibration.DriftJudge`; LLM_FAILED where no usable verdict came.

        Raises:
            EngineError: no request can be answered, or some have no answer for now.
            StoreError: an answer could not be stored.
        """
        found = asyncio.run(self._verdicts(planted))
        verdicts = [verdict for verdict in found if not isinstance(verdict, Postponed)]
        waiting = [verdict for verdict in found if isinstance(verdict, Postponed)]
        if waiting:
            # Figures over those that happened to be answered would not be those of the planted faults.
            raise EngineError(
                f"calibrate: {len(waiting)} of {len(planted)} items have no verdict ({waiting[0]}); the other answers "
                "are kept, run it again"
            )
        return verdicts

    async def _verdicts(self, planted: Sequence[Planted]) -> list[Reason | Postponed | None]:
        quota = Alone(limits_of(self.llm, spending(self.journal)))
        async with interviewing(self.llm, Desk(self.journal, quota=quota), self.repair_turns) as interviewer:
            concurrency = self.llm.requests.concurrency
            return await run_rows(planted, lambda entry: or_postponed(self._verdict(interviewer, entry)), concurrency)

    async def _verdict(self, interviewer: Interviewer, entry: Planted) -> Reason | None:
        layout = self.layouts.of(entry.subject.schedule)
        ends = (layout.control.response_end, layout.control.reasoning_end)
        record = listener_record(entry.token_ids, entry.streams, ends, layout.decode)
        outcome = await hear(interviewer, drift_charge(entry.question, record))
        return Reason.LLM_FAILED if isinstance(outcome, Failed) else _AS_PLANTED[outcome.value.verdict]


def judge_named(name: str, layouts: Layouts, llm: LlmConfig, journal: Place, repair_turns: int) -> DriftJudge:
    """The judge that `--judge` names.

    Raises:
        UsageError: there is no such judge of planted faults.
        EngineError: a model is named, and its key is missing.
    """
    if name == Judge.RULES:
        return ExactJudge(layouts)
    if name != Judge.OPENAI:
        raise UsageError(
            f"--judge {name}: no judge of planted faults; choose from {Judge.RULES.value}, {Judge.OPENAI.value}"
        )
    require_key()
    return ModelJudge(layouts, llm, journal, repair_turns)
