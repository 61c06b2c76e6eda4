"""What `smp3m ratios`, `calibrate` and `experiment` do with their flags: measure, show, write the files."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import Progress

from pipeline.config import Config, with_setting
from pipeline.config_sources import Judge
from pipeline.errors import UsageError
from pipeline.evaluate.calibrate import Layouts, calibrate
from pipeline.evaluate.calibration_table import kind_table, reason_table, to_json
from pipeline.evaluate.dataset import DataSet, open_dataset, vocabulary_of
from pipeline.evaluate.judges import judge_named
from pipeline.evaluate.ratios import DEFAULT_SCHEDULES, Pace, ratios, schedules_named
from pipeline.model.extra import require_extra
from pipeline.publish.card_calibration import with_calibration
from pipeline.store.atomic import write_json, write_text
from pipeline.store.outputs import Outputs
from pipeline.store.parts import Store
from pipeline.store.place import AnyPlace, Place, make_folder, read_text


def run_ratios(
    folder: Place, names: Sequence[str], out: Path | None, pace: Pace, workers: int | None, console: Console
) -> None:
    """Print the ratio table of a build and write ratios.csv and ratios.png.

    Raises:
        UsageError: no build here, or a schedule, a tokenizer or a folder that cannot be used.
        RunError: the build fails its round trip.
    """
    from pipeline.evaluate.ratio_plot import write_plot  # matplotlib takes most of a second to import
    from pipeline.evaluate.ratio_table import tables, to_csv

    schedules = schedules_named(names or DEFAULT_SCHEDULES, pace)
    data = open_dataset(folder)
    into = _writable(folder if out is None else out)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("rows", total=sum(piece.n_rows for piece in data.pieces))
        made = ratios(data, schedules, pace, workers or os.cpu_count() or 1, lambda n: progress.advance(task, n))
    speed = f"{pace.tokens_per_s} tokens/s, {pace.words_per_min} words/min"
    rows = f"{made.lines[0].rows:,} rows of {folder.name or folder}, {speed}"
    console.print(rows, *tables(made.lines), sep="\n", highlight=False, soft_wrap=True)
    checked = made.checked
    console.print(
        f"all {checked.n_rows:,} published streams come apart into their texts and ids and are built from them again, "
        f"least slack {checked.least_slack}",
        highlight=False,
        soft_wrap=True,
    )
    write_text(into / "ratios.csv", to_csv(made.lines))
    write_plot(into / "ratios.png", made.lines, rows)
    console.print(f"{into / 'ratios.csv'}\n{into / 'ratios.png'}", highlight=False, soft_wrap=True)


class Calibrating(NamedTuple):
    """What `smp3m calibrate` is asked for."""

    n_faults: int
    """To be planted, at least."""
    seed: int
    judge: str
    settings: Sequence[str]
    """KEY=VALUE over the model that the build's settings name."""
    out: Path | None
    """Folder of calibration.json; None takes the build's, and its card is told too."""


def run_calibrate(folder: Place, wanted: Calibrating, console: Console) -> None:
    """Print how many planted faults a judge finds, write them to calibration.json and into the data set's card.

    Raises:
        UsageError: no build here, none of a fixed schedule, or an unknown judge or setting.
        EngineError: the model is not reached.
    """
    data = open_dataset(folder)
    into = _writable(folder if wanted.out is None else wanted.out)
    layouts = Layouts(vocabulary_of(data), data.limits)
    config = Config(llm=data.llm)
    for assignment in wanted.settings:
        config = with_setting(config, assignment)
    judge = judge_named(wanted.judge, layouts, config.llm, Store(folder).journal, data.repair_turns)
    found = calibrate(data, wanted.n_faults, wanted.seed, judge, layouts)
    report = to_json(found, wanted.seed)
    console.print(
        f"judge {found.judge}: {report['faults']:,} faults and {report['items'] - report['faults']:,} harmless changes "
        f"in {found.n_rows:,} rows of {folder.name or folder}, seed {wanted.seed}",
        highlight=False,
        soft_wrap=True,
    )
    console.print(kind_table(found), reason_table(found), sep="\n")
    if wanted.judge != Judge.RULES:
        console.print(_enough(report, data), highlight=False, soft_wrap=True)
    path = into / "calibration.json"
    judges = {**_judged_before(path, data.key), found.judge: report}
    write_json(path, {"key": data.key, "judges": judges})
    if wanted.out is None:
        card = Outputs.under(folder).dataset / "README.md"
        write_text(card, with_calibration(read_text(card), judges))
    console.print(str(path), highlight=False, soft_wrap=True)


def _enough(report: Mapping[str, Any], data: DataSet) -> str:
    """How many rows such a judge must see, so that its finding nothing says something."""
    n_rows = sum(piece.n_rows for piece in data.published)
    enough = report["rows_enough"]
    if enough is None:
        return "it found no drift at all: judging with it shows nothing"
    how = f"--set verify.sample={enough / n_rows:.3g}" if enough < n_rows else "all of these, and more"
    return (
        f"at this recall, {enough:,} judged rows without drift show that fewer than 1% of {n_rows:,} drift "
        f"(95% confidence): {how}"
    )


def _judged_before(path: Place, key: str) -> dict[str, Any]:
    """What other judges found in the same data set."""
    try:
        plain = json.loads(read_text(path))
        judges: dict[str, Any] = plain["judges"] if plain["key"] == key else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # nothing there, or nothing of ours: written anew
    return judges


def run_paradigms(
    folder: Place, out: Path, grid: str, assignments: Sequence[str], workers: int | None, console: Console
) -> None:
    """Run the controlled experiment over a build; print its table and write it as Markdown, CSV and a plot.

    Raises:
        UsageError: no build here, a grid that does not exist, or the train extra is missing.
        RunError: a run failed; what is finished is kept.
    """
    require_extra("experiment")
    from pipeline.evaluate.experiment import paradigms
    from pipeline.evaluate.experiment_config import load_grid
    from pipeline.evaluate.experiment_plot import write_plot
    from pipeline.evaluate.experiment_run import RunResult
    from pipeline.evaluate.experiment_table import to_csv, to_markdown

    def watch(run: RunResult) -> None:
        told = f"{run.arm}, equal {run.budget}, seed {run.seed}: {run.accuracy:.1%} right, loss {run.loss:.3f}"
        console.print(told, highlight=False, soft_wrap=True)

    config = load_grid(grid, tuple(assignments))
    into = _writable(out)
    made = paradigms(open_dataset(folder), config, into, workers or 1, watch)
    arms = made.arms
    rows = f"{arms.n_train:,} problems to learn from, {min(arms.n_test, config.held_out):,} held out"
    table = to_markdown(made.results, arms)
    left_out = f"{rows}; {arms.n_left_out:,} in no arm"
    console.print(table, left_out, sep="\n", highlight=False, soft_wrap=True, markup=False)
    write_text(into / "paradigms.md", f"{table}\n{left_out}\n")
    write_text(into / "paradigms.csv", to_csv(made.results))
    write_plot(into / "paradigms.png", made.results, rows)
    console.print(f"{into / 'paradigms.md'}\n{into / 'paradigms.png'}", highlight=False, soft_wrap=True)


def _writable(folder: AnyPlace) -> AnyPlace:
    try:
        make_folder(folder)
    except OSError as exc:
        raise UsageError(f"--out {folder}: cannot be made a folder: {exc.strerror}") from exc
    return folder
