"""Run a build: every shard through the stages asked for, what is there already kept, then publish.

Stages come one after another, all shards of one before the next, but that a process goes on with the shard it has in
hand where nothing else is needed (`lanes.in_one_go`); within a stage shards run in any order. Nothing here depends on
that order: each part is addressed by what it is made from.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, Protocol, TypeVar

import pyarrow as pa
from rich.console import Console

from pipeline.config import Config, PlacementConfig, RunConfig
from pipeline.config_sources import SourceConfig
from pipeline.core.fingerprint import digest
from pipeline.errors import Reason
from pipeline.run.asking import Asking
from pipeline.run.cluster import Cluster
from pipeline.run.collecting import chunks, index_key, sources_of
from pipeline.run.duplicates import drop_duplicates
from pipeline.run.forecast import against, kept
from pipeline.run.lanes import Lane, in_one_go, split_found
from pipeline.run.progress import BuildProgress
from pipeline.run.retrying import raise_attempts
from pipeline.run.screening import take_out
from pipeline.run.shard import PROBLEM, Job, Leg, make_parts, make_problems
from pipeline.stages import decontaminate, respond, speak
from pipeline.stages.collect import Chunk, GeneratedChunk
from pipeline.stages.desk import Desk
from pipeline.stages.plan import UserStage, evaluation_sets, screens_of, stages_of
from pipeline.stages.report import Report
from pipeline.stages.stage import FAMILY, Async, Engine, Stage, load
from pipeline.store.lock import Hold
from pipeline.store.parts import PartRecord, Store
from pipeline.store.place import Place
from pipeline.store.spending import spending
from sources.evaluation import EvaluationSet
from sources.source import Source

_T = TypeVar("_T")


class Publisher(Protocol):
    """What happens to the finished shards; see `publish.publish`."""

    def __call__(
        self,
        config: Config,
        out: Place,
        parts_key: str,
        parts: Iterable[Mapping[str, pa.Table]],
        rejected: Iterable[pa.Table],
        report: Report,
    ) -> Report:
        """Publish, or leave what lies there if it is the same; return its report."""
        ...


def build(
    config: Config,
    out: Place,
    until: UserStage,
    publish: Publisher,
    console: Console,
    retry: Reason | None = None,
) -> Report:
    """Build the data set under `out` up to and including a stage; publishing follows verify.

    Args:
        config: settings.
        out: output directory.
        until: last stage.
        publish: what is done with finished shards.
        console: where progress is shown.
        retry: rows that a finished build refuses for this reason are tried afresh.

    Returns:
        The report; with `stopped` set, nothing was published because the budget had run out.

    Raises:
        UsageError: a source, engine or setting cannot be used.
        RunError: the environment failed; finished shards are kept.
    """
    out = out.absolute()
    store = Store(out)
    stages = stages_of(config, until)
    sets = evaluation_sets(config)
    screens = screens_of(config, sets)
    # Sources are looked at before anything is written: a missing file leaves no folder behind.
    named = [_Named(s, spec, index_key(s, spec, config)) for spec in config.source for s in sources_of(spec)]
    store.open()
    with (
        store.locked() as hold,
        Cluster(config.run.ray_address, config.run.workers) as cluster,
        BuildProgress(store.root, console) as progress,
    ):
        progress.expect([PROBLEM, *(one.table for one in screens), FAMILY, *(one.table for one in stages)])
        asks = any(isinstance(stage.transform, Async) for stage in stages)
        asking = Asking(config.llm, config.run.asking, store, cluster, progress.note) if asks else None
        lanes = _collect(config, named, store, cluster, progress)
        families = _screen(config, screens, lanes, store, cluster, progress)
        if retry is not None:
            progress.note(raise_attempts(store, lanes, stages, retry))
        tables = [list(group) for _table, group in groupby(stages, key=lambda stage: stage.table)]
        for at, group in enumerate(tables):
            hold.require()
            _run_table(group, tables[at + 1 :], lanes, store, cluster, progress, asking, config.run)
            if asking is not None and asking.stopped:
                break
        report = _counted(lanes, store)
        report.families = families
        report.evaluation_sets = {one.name: {"items": len(one.questions), "digest": one.digest} for one in sets}
        report.seconds = {name: round(table.seconds, 1) for name, table in progress.snapshot.tables.items()}
        rejected = _rejected(store, lanes, stages)
        if asking is not None and asking.stopped:
            report.stopped = f"--max-cost {config.llm.requests.max_cost_usd:g} is reached"
        elif until.publishes:
            progress.note("publishing")
            plan = kept(config, out)
            # Refused rows are written last: when they end, what lies in `out` is put in their place.
            parts, rejected = _while_held(hold, _parts(store, lanes, stages)), _while_held(hold, rejected)
            if plan is not None:
                accepted = sum(lane.parts[stages[-1].table].rows for lane in lanes)
                report.forecast = against(plan, report.sums, accepted)
            return publish(config, out, _parts_key(lanes, sets), parts, rejected, report)
        for table in rejected:
            report.refuse(table)
        return report


class _Named(NamedTuple):
    """A source that is read, and the address of the list of its chunks."""

    source: Source
    spec: SourceConfig
    index_key: str


def _collect(
    config: Config, named: Sequence[_Named], store: Store, cluster: Cluster, progress: BuildProgress
) -> list[Lane]:
    progress.begin(PROBLEM, 0)
    lanes: list[Lane] = []
    for one in sorted(named, key=lambda one: one.source.name):
        lanes += _collect_source(one, config, store, cluster, progress)
    progress.end(PROBLEM)
    drop_duplicates(store, lanes)
    return lanes


def _collect_source(
    named: _Named, config: Config, store: Store, cluster: Cluster, progress: BuildProgress
) -> list[Lane]:
    source, spec, index = named.source, named.spec, named.index_key
    listed: list[tuple[str, int]] | None = store.memo(index)
    found = store.find_all(PROBLEM, [key for key, _ in listed or []])
    if listed is not None and all(key in found for key, _ in listed):
        lanes = [Lane(source.name, n, found[key]) for key, n in listed]
        for lane in lanes:
            progress.shard(lane.collected, reused=True)
        return lanes
    order: list[tuple[str, int]] = []
    records: dict[str, PartRecord] = {}

    def missing() -> Iterator[Chunk | GeneratedChunk]:
        for chunk in chunks(source, spec, config):
            order.append((chunk.key, chunk.n_rows))
            record = store.find(PROBLEM, chunk.key)
            if record is None:
                yield chunk
            else:
                records[chunk.key] = record
                progress.shard(record, reused=True)

    for _, record in cluster.map(partial(make_problems, store.out), missing(), config.run.text):
        records[record.key] = record
        progress.shard(record, reused=False)
    store.keep_memo(index, order)
    return [Lane(source.name, n_rows, records[key]) for key, n_rows in order]


def _screen(
    config: Config,
    screens: Sequence[Stage],
    lanes: Sequence[Lane],
    store: Store,
    cluster: Cluster,
    progress: BuildProgress,
) -> dict[str, Any]:
    for screen in screens:
        _run_table([screen], [], lanes, store, cluster, progress, None, config.run)
    progress.begin(FAMILY, 0)
    figures = take_out(store, lanes, config.dedup)
    for lane in lanes:
        if FAMILY in lane.parts:
            progress.shard(lane.parts[FAMILY], reused=False)
    progress.end(FAMILY)
    return figures


def _run_table(
    stages: Sequence[Stage],
    later: Sequence[Sequence[Stage]],
    lanes: Sequence[Lane],
    store: Store,
    cluster: Cluster,
    progress: BuildProgress,
    asking: Asking | None,
    config: RunConfig,
) -> None:
    """Fill one table: by one stage, or by several of which each makes the rows of some sources.

    Of a shard that is missing the tables after it are filled too, as far as the same process can go on.
    """
    progress.begin(stages[0].table, len(lanes))
    placement = config.speech if stages[0].table in (speak.TABLE, respond.TABLE) else config.text
    for stage in stages:
        to_do = [lane for lane in lanes if stage.makes(lane.source) and stage.table not in lane.ahead]
        work = split_found(store, to_do, stage)
        for record in work.found:
            progress.shard(record, reused=True)
        # Lanes whose inputs are equal (two empty shards, say) share one job.
        waiting: dict[str, list[Lane]] = defaultdict(list)
        jobs: dict[str, Job] = {}
        for lane, job in work.missing:
            waiting[job.key].append(lane)
            jobs[job.key] = job
        run = in_one_go(stage, later, store)
        for after in run[1:] if jobs else ():
            progress.begin(after.table, len(lanes))
        for job, records in _results(run, store.out, list(jobs.values()), cluster, asking, placement):
            for lane in waiting[job.key]:
                lane.ahead.update(after.table for after in run[1 : len(records)])
                for record in records:
                    lane.parts[record.table] = record
                    progress.shard(record, reused=False)
    progress.end(stages[0].table)


def _results(
    run: Sequence[Stage],
    out: Place,
    jobs: list[Job],
    cluster: Cluster,
    asking: Asking | None,
    placement: PlacementConfig,
) -> Iterator[tuple[Job, list[PartRecord]]]:
    if isinstance(run[0].transform, Async) and asking is not None:
        return ((job, [record]) for job, record in asking.run(run[0], jobs))
    if any(isinstance(stage.transform, Engine) for stage in run):
        return cluster.map_loaded(partial(_loaded, out, run), jobs, len(jobs), placement)
    return cluster.map(partial(_make, out, run), jobs, placement)


def _make(out: Place, run: Sequence[Stage], job: Job) -> list[PartRecord]:
    return _loaded(out, run)(job)


def _loaded(out: Place, run: Sequence[Stage]) -> partial[list[PartRecord]]:
    desk = Desk(Store(out).journal)
    return partial(make_parts, out, [Leg(stage, load(stage, desk)) for stage in run])


def _counted(lanes: Sequence[Lane], store: Store) -> Report:
    report = Report()
    for lane in lanes:
        count = report.source(lane.source)
        count.rows_in += lane.raw_rows
        count.duplicates += lane.duplicates
    # Equal parts of two lanes are one part: what it cost is counted once.
    for record in {(part.table, part.key): part for lane in lanes for part in lane.parts.values()}.values():
        sums = report.sums.setdefault(record.table, {})
        for name, value in record.stats.items():
            sums[name] = sums.get(name, 0.0) + value
    report.spent = asdict(spending(store.journal, remember=True)) if report.asked else None
    return report


def _parts_key(lanes: Sequence[Lane], sets: Sequence[EvaluationSet]) -> str:
    made = [
        [lane.source, lane.raw_rows, lane.duplicates, lane.collected.rejected_digest]
        + [[name, part.digest, part.rejected_digest] for name, part in sorted(lane.parts.items())]
        for lane in lanes
    ]
    return digest([made, *([one.name, one.digest] for one in sets)])


def _parts(store: Store, lanes: Sequence[Lane], stages: Sequence[Stage]) -> Iterator[dict[str, pa.Table]]:
    """The tables of each shard; those of shards with audio a few rows at a time."""
    sizes = [stage.batch_rows for stage in stages if stage.batch_rows is not None]
    names = list(dict.fromkeys(stage.table for stage in stages))
    for lane in lanes:
        problems = store.read(lane.parts[PROBLEM])
        tables = [*names, *([FAMILY] if FAMILY in lane.parts else [])]
        if not sizes:
            yield {PROBLEM: problems, **{name: store.read(lane.parts[name]) for name in tables}}
            continue
        readers = {name: store.reader(lane.parts[name]) for name in tables}
        for start in range(0, problems.num_rows, min(sizes)):
            batch = problems.slice(start, min(sizes))
            ids = batch.column("id").to_pylist()
            yield {PROBLEM: batch, **{name: reader.rows_of(ids) for name, reader in readers.items()}}


def _while_held(hold: Hold, tables: Iterable[_T]) -> Iterator[_T]:
    """The same, as long as no other build can be at work, and only to the end if none can by then.

    Raises:
        StoreError: one may be.
    """
    for table in tables:
        hold.require()
        yield table
    hold.require()


def _rejected(store: Store, lanes: Sequence[Lane], stages: Sequence[Stage]) -> Iterator[pa.Table]:
    """Every refused row once, from the first stage that refused it."""
    for lane in lanes:
        seen: set[str] = set()
        tables = dict.fromkeys([decontaminate.TABLE, FAMILY, *(stage.table for stage in stages)])
        # A table that was not come to, because the build was stopped, has refused nothing.
        made = [lane.parts[name] for name in tables if name in lane.parts]
        for record in (lane.collected, *made):
            table = store.read_rejected(record)
            if table is None:
                continue
            ids = table.column("id").to_pylist()
            yield table.filter(pa.array([row_id not in seen for row_id in ids], pa.bool_()))
            seen.update(ids)
