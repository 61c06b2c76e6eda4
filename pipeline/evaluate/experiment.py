"""The controlled experiment: one build, every way of talking, the same model, seeds and budget.

OUT/experiment.json   settings
OUT/arms/             a table per arm over the same rows
OUT/runs/             a folder per run; result.json says that it is finished
OUT/paradigms.{csv,md,png}
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import to_dict
from pipeline.evaluate.arms import Arms, Smaller, write_arms
from pipeline.evaluate.dataset import DataSet, vocabulary_of
from pipeline.evaluate.experiment_config import ExperimentConfig
from pipeline.evaluate.experiment_run import Run, RunResult, run_one
from pipeline.evaluate.processes import mapping
from pipeline.model.vocabulary import Vocabulary
from pipeline.store.atomic import write_json
from pipeline.store.made_with import require_same
from pipeline.train.start import ids_of

_SETTINGS = "experiment.json"
_OF_EVERY_RUN = ("learning_rate", "held_out", "geometry", "precision", "loop")
"""Settings that no run's name tells: runs of others must not stand in one table."""


class Paradigms(NamedTuple):
    """What was found."""

    arms: Arms
    results: list[RunResult]


def paradigms(
    data: DataSet,
    config: ExperimentConfig,
    out: Path,
    workers: int,
    watch: Callable[[RunResult], None] = lambda _: None,
) -> Paradigms:
    """Run the grid; what is finished is kept, and the rest goes on.

    Args:
        data: the build.
        config: the grid.
        out: gets everything.
        workers: runs at a time, each in a process of its own.
        watch: told of each run.

    Raises:
        ContractError: rows of another vocabulary, or `out` holds another experiment.
        RunError: a run failed.
    """
    tokenizer = vocabulary_of(data)
    smaller = Smaller(config.max_equations, config.max_number)
    arms = write_arms(data, config.arms, out / "arms", tokenizer, smaller)
    _require_same(out / _SETTINGS, to_dict(config))
    write_json(out / _SETTINGS, to_dict(config))
    ids = set[int]().union(*(ids_of(str(folder), data.interleave.tokenizer) for folder in arms.folders.values()))
    vocabulary = Vocabulary.trimmed(data.interleave.tokenizer, ids)
    runs = grid(config, arms)
    work = partial(_work, arms.folders, vocabulary, config, out / "runs", max(1, (os.cpu_count() or 1) // workers))
    results = []
    with mapping(min(workers, len(runs))) as mapped:
        for result in mapped(work, runs):
            watch(result)
            results.append(result)
    return Paradigms(arms, results)


def _require_same(path: Path, settings: Mapping[str, Any]) -> None:
    if not path.is_file():
        return
    found = json.loads(path.read_text(encoding="utf-8"))
    require_same(path, found, {name: settings[name] for name in _OF_EVERY_RUN})


def grid(config: ExperimentConfig, arms: Arms) -> list[Run]:
    """All runs, seed by seed, so that an experiment that is cut short has compared all arms."""
    longest = max(fact.mean_tokens for fact in arms.facts.values())

    def steps(arm: str, budget: str) -> int:
        share = longest / arms.facts[arm].mean_tokens if budget == "tokens" else 1.0
        return round(config.steps * share)

    return [
        Run(arm, budget, seed, steps(arm, budget))
        for seed in config.seeds
        for budget in config.budgets
        for arm in config.arms
    ]


def _work(
    folders: Mapping[str, Path],
    vocabulary: Vocabulary,
    config: ExperimentConfig,
    out: Path,
    threads: int,
    run: Run,
) -> RunResult:
    import torch

    torch.set_num_threads(threads)
    return run_one(run, folders[run.arm], vocabulary, config, out / run.folder)
