"""What came when, as a file: one JSON object a line, a token each, in the order they came."""

import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.infer.respond import Step
from pipeline.store.atomic import write_text


def trace_lines(steps: Sequence[Step]) -> list[str]:
    """Each token's id, the text it completes, its stream, seconds since the question's end, and the model's calls.

    `forced` tokens cost no call of their own.
    """
    return [
        json.dumps(
            {
                "token": step.emitted.token,
                "text": step.text,
                "stream": step.emitted.stream.name.lower(),
                "time_s": round(step.emitted.time_s, 6),
                "call": step.emitted.call,
                "forced": step.emitted.forced,
            },
            ensure_ascii=False,
        )
        for step in steps
    ]


def write_trace(path: Path, steps: Sequence[Step]) -> None:
    """Write the trace.

    Raises:
        OSError: the file cannot be written.
    """
    write_text(path, "".join(f"{line}\n" for line in trace_lines(steps)))
