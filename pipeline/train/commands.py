"""What `smp3m train` does with its flags. It imports nothing of the train extra before it is sure that it is there."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from pipeline.model.extra import require_extra


def run_train(
    location: str,
    out: Path,
    flags: Mapping[str, tuple[str, object]],
    file: Path | None,
    assignments: Sequence[str],
    console: Console,
) -> None:
    """Train a model on a data set.

    Args:
        location: folder or URL of the data set.
        out: gets models, logs and the plot.
        flags: key of a setting to its flag and value.
        file: of --config.
        assignments: of --set.
        console: of the terminal.

    Raises:
        UsageError: the train extra is missing, or settings that do not fit.
        RunError: see `train.run`.
    """
    require_extra("train")
    from pipeline.train.config import config_of
    from pipeline.train.run import train

    train(location, out, config_of(flags, file, assignments), console)
