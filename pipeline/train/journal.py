"""What training says of itself: lines in log.jsonl, tensorboard, the console. Only the first process speaks."""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from rich.console import Console

from pipeline.train.curriculum import TrainStage
from pipeline.train.loop import Losses, StepLog, Validated

LOG = "log.jsonl"
_SAY_EVERY_S = 10.0


class Journal:
    """Takes what the loop logs. A run that goes on appends: of equal steps the last line holds."""

    def __init__(
        self, folder: Path, console: Console, *, is_main: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Open the files.

        Args:
            folder: gets log.jsonl and tensorboard/.
            console: of the terminal.
            is_main: whether this process writes and speaks.
            clock: seconds.
        """
        self._console = console
        self._clock = clock
        self._stage: TrainStage | None = None
        self._last_s = self._said_s = clock()
        self._file: TextIO | None = None
        if is_main:
            from torch.utils.tensorboard import SummaryWriter

            folder.mkdir(parents=True, exist_ok=True)
            self._file = opened_log(folder / LOG)
            self._board: Any = SummaryWriter(str(folder / "tensorboard"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._board.close()

    def say(self, line: str) -> None:
        """One line for the person."""
        if self._file is not None:
            self._console.print(line, highlight=False, soft_wrap=True, markup=False)

    def begin(self, stage: TrainStage) -> None:
        """What comes is of this stage."""
        self._stage = stage
        self._last_s = self._said_s = self._clock()

    def __call__(self, log: StepLog | Validated) -> None:
        """Take a log.

        Raises:
            ValueError: no stage has begun.
        """
        if self._stage is None:
            raise ValueError("no stage has begun: a bug")
        if isinstance(log, Validated):
            self._write(log, {"validation_loss": log.losses.total, **_by_name("validation_", log.losses)})
            self.say(f"{self._where(log.step)}: validation {log.losses}")
        else:
            rate = log.n_filled / max(1e-9, self._clock() - self._last_s)
            self._write(log, _of_step(log) | {f"{log.unit}_per_s": rate})
            self._say_of_step(log.step, f"{log.losses}, {rate:,.0f} {log.unit}/s")
        self._last_s = self._clock()

    def _say_of_step(self, step: int, line: str) -> None:
        """Say it now and then, and at the stage's end."""
        now = self._clock()
        if now - self._said_s >= _SAY_EVERY_S or (self._stage is not None and step == self._stage.steps):
            self._said_s = now
            self.say(f"{self._where(step)}: {line}")

    def _where(self, step: int) -> str:
        stage = self._stage
        return "" if stage is None else f"stage {stage.name} step {step}/{stage.steps}"

    def _write(self, log: StepLog | Validated, values: dict[str, float]) -> None:
        if self._file is None or self._stage is None:
            return
        known = {name: value for name, value in values.items() if math.isfinite(value)}
        line = {"stage": self._stage.name, "step": log.step, **known}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        for name, value in known.items():
            self._board.add_scalar(f"{self._stage.name}/{name}", value, log.step)


def opened_log(path: Path) -> TextIO:
    """Open a file of JSON lines to go on with; a line that a kill cut off stays one of its own."""
    cut = path.is_file() and not (path.read_text(encoding="utf-8", errors="replace") or "\n").endswith("\n")
    file = path.open("a", encoding="utf-8")
    file.write("\n" * cut)
    return file


def logged(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of such a file, less those that a kill cut off."""
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with suppress(ValueError):
            yield json.loads(text)


def _of_step(log: StepLog) -> dict[str, float]:
    return {
        "loss": log.losses.total,
        **_by_name("loss_", log.losses),
        "gradient_norm": log.gradient_norm,
        "learning_rate": log.learning_rate,
        log.unit: log.n_filled,
        "padding": log.padding,
    }


def _by_name(prefix: str, losses: Losses) -> dict[str, float]:
    return {prefix + name: loss for name, loss in {**losses.parts, **losses.finer}.items()}
