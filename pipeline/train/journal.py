"""What training says of itself: lines in log.jsonl, tensorboard, the console. Only the first process speaks."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from types import TracebackType
from typing import Any, Self

from rich.console import Console

from pipeline.core.schedule import Stream
from pipeline.train.curriculum import TrainStage
from pipeline.train.loop import ByStream, StepLog, Validated
from pipeline.train.talker import TalkerLog

LOG = "log.jsonl"
_LEARNED = (Stream.RESPONSE, Stream.REASONING, Stream.SWITCH)
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
        self._file: Any = None
        if is_main:
            from torch.utils.tensorboard import SummaryWriter

            folder.mkdir(parents=True, exist_ok=True)
            self._file = (folder / LOG).open("a", encoding="utf-8")
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

    def __call__(self, log: StepLog | TalkerLog | Validated) -> None:
        """Take a log.

        Raises:
            ValueError: no stage has begun.
        """
        if self._stage is None:
            raise ValueError("no stage has begun: a bug")
        now = self._clock()
        took_s = max(1e-9, now - self._last_s)
        if isinstance(log, Validated):
            self._write(log, {"validation_loss": log.loss, **_by_name("validation_", log.streams)})
            self.say(f"{self._where(log.step)}: validation {said(log.loss, log.streams)}")
            now = self._clock()
        elif isinstance(log, TalkerLog):
            rate = log.n_frames / took_s
            self._write(log, _of_talker(log) | {"frames_per_s": rate})
            parts = f"codes {mean(log.layers):.3f}, clock {log.clock:.3f}"
            self._say_of_step(log.step, f"loss {log.loss:.3f} ({parts}), {rate:,.0f} frames/s")
        else:
            rate = log.n_tokens / took_s
            self._write(log, _of_step(log) | {"tokens_per_s": rate})
            self._say_of_step(log.step, f"{said(log.loss, log.streams)}, {rate:,.0f} tokens/s")
        self._last_s = now

    def _say_of_step(self, step: int, line: str) -> None:
        """Say it now and then, and at the stage's end."""
        now = self._clock()
        if now - self._said_s >= _SAY_EVERY_S or (self._stage is not None and step == self._stage.steps):
            self._said_s = now
            self.say(f"{self._where(step)}: {line}")

    def _where(self, step: int) -> str:
        stage = self._stage
        return "" if stage is None else f"stage {stage.name} step {step}/{stage.steps}"

    def _write(self, log: StepLog | TalkerLog | Validated, values: dict[str, float]) -> None:
        if self._file is None or self._stage is None:
            return
        known = {name: value for name, value in values.items() if math.isfinite(value)}
        line = {"stage": self._stage.name, "step": log.step, **known}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        for name, value in known.items():
            self._board.add_scalar(f"{self._stage.name}/{name}", value, log.step)


def _of_step(log: StepLog) -> dict[str, float]:
    return {
        "loss": log.loss,
        **_by_name("loss_", log.streams),
        "gradient_norm": log.gradient_norm,
        "learning_rate": log.learning_rate,
        "tokens": log.n_tokens,
        "padding": log.padding,
    }


def _of_talker(log: TalkerLog) -> dict[str, float]:
    return {
        "loss": log.loss,
        "loss_codes": mean(log.layers),
        "loss_clock": log.clock,
        **{f"layer_{k}": loss for k, loss in enumerate(log.layers)},
        "gradient_norm": log.gradient_norm,
        "learning_rate": log.learning_rate,
        "frames": log.n_frames,
    }


def _by_name(prefix: str, streams: ByStream) -> dict[str, float]:
    return {prefix + stream.name.lower(): streams[stream] for stream in _LEARNED}


def said(loss: float, streams: ByStream) -> str:
    """Losses in words, less the streams that were not taught."""
    parts = [f"{s.name.lower()} {streams[s]:.3f}" for s in _LEARNED if math.isfinite(streams[s])]
    return f"loss {loss:.3f} ({', '.join(parts)})"
