"""`smp3m plan`: what a build will need, predicted from a few of its rows before anything is asked or paid.

The sample goes through the rules, the voice and the ear on this machine, which gives seconds and bytes a row; its
prompts are filled as they would be sent and tokenised, the rules' texts standing for the model's answers. Where a
data set is not at hand, rows of its format that ship with the package stand for it. What is assumed is said; a build
that went before (`like`) replaces the assumptions by what it found.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from huggingface_hub.constants import HF_HUB_CACHE

from pipeline.backends import asr, tts
from pipeline.backends.llm.prices import Price
from pipeline.config import Config, to_dict
from pipeline.config_llm import LlmMode
from pipeline.config_sources import Judge, Rewriter, SourceConfig
from pipeline.core.fingerprint import digest
from pipeline.errors import EngineError, UsageError
from pipeline.run.cluster import available_workers
from pipeline.run.collecting import chunks, sources_of
from pipeline.run.request_tokens import RequestTokens
from pipeline.run.shard import PROBLEM
from pipeline.stages.booth import NONE
from pipeline.stages.collect import Chunk, GeneratedChunk, collect
from pipeline.stages.desk import Desk
from pipeline.stages.interview import price_in
from pipeline.stages.plan import UserStage, evaluation_sets, judges_of, rewriters_of, screens_of, stages_of
from pipeline.stages.report import NANO_USD
from pipeline.stages.rewrite_llm import Calls
from pipeline.stages.roster import package_version
from pipeline.stages.stage import Stage, checked, load
from pipeline.store.atomic import write_json
from pipeline.store.place import Place, make_folder, read_text
from schemas.problem import ProblemTable
from sources.reading import open_rows
from sources.registry import resolve
from sources.source import Generated, Hub, Source

PLAN_FILE = "plan.json"
SPOKEN_ROWS = 6
"""Of each source's sample, those that are spoken and heard: voices are slow, and their cost varies little."""
_SECONDS_PER_HOUR = 3600
_BATCH_HOURS = 24
"""What the Batch API promises for each round; mostly it is faster."""
_LIVE_ANSWER_S = 5.0
"""Assumed for one answer of a hosted model, where only the places in flight limit the pace."""


@dataclass(frozen=True)
class Assumed:
    """What only a model's answers can tell."""

    accepted: float = 0.9
    """Share of the rows that a model rewrites acceptably in the end."""
    answers_per_call: float = 1.15
    """Answers that a call takes, repair turns included; a row takes one call or two (rewrite.calls)."""
    thinking_tokens: float = 0.0
    """Tokens of an answer that are charged and not shown."""
    measured: bool = False
    """Whether a build has shown it."""


@dataclass
class Need:
    """What one table, or a whole build, needs."""

    rows: float = 0.0
    requests: float = 0.0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    usd: float | None = 0.0
    """None where the price is not known."""
    hours: float = 0.0


@dataclass
class Forecast:
    """A prediction."""

    config: str
    """Digest of the settings it was made for."""
    rows_in: int = 0
    rows_out: float = 0.0
    bytes: float = 0.0
    sources: dict[str, int] = field(default_factory=dict)
    tables: dict[str, Need] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> Need:
        """Sum over the tables, which are made one after another."""
        total = Need(rows=self.rows_out)
        for need in self.tables.values():
            total.requests += need.requests
            total.prompt_tokens += need.prompt_tokens
            total.completion_tokens += need.completion_tokens
            total.hours += need.hours
            total.usd = None if total.usd is None or need.usd is None else total.usd + need.usd
        return total


class _Unit(NamedTuple):
    """What one row of a source takes in one table, and how many come out of it."""

    seconds: float
    kept: float
    bytes: float


def settings_key(config: Config) -> str:
    """What a prediction holds for: all settings but where and how fast the build runs."""
    plain = to_dict(config)
    del plain["run"]
    del plain["llm"]["requests"]["max_cost_usd"]
    return digest(plain)


def forecast(config: Config, sample_rows: int, assumed: Assumed) -> Forecast:
    """Predict what a build needs.

    Args:
        config: its settings; no key is needed, and no server.
        sample_rows: rows of each source that are tried.
        assumed: what a model's answers would be like.

    Raises:
        UsageError: a file, engine or setting cannot be used.
        EngineError: an engine cannot be loaded.
    """
    made = Forecast(settings_key(config))
    rewriters, judges = rewriters_of(config), judges_of(config)
    asked = rewriters.get(Rewriter.OPENAI, frozenset())
    judged = frozenset[str]().union(*(names for judge, names in judges.items() if judge is not Judge.RULES))
    counter = RequestTokens(config)
    screens = screens_of(config, evaluation_sets(config))
    stages = (*screens, *stages_of(_by_rules(_at_hand(config, made)), UserStage.ALL))
    workers = config.run.workers or available_workers()
    for spec in config.source:
        for source in sources_of(spec):
            n_rows = _size(source, spec, config)
            sample = _sample(source, spec, config, sample_rows, made)
            _add(
                made,
                counter,
                _Job(source, n_rows, source.name in asked, source.name in judged),
                sample,
                stages,
                assumed,
            )
    for name, need in made.tables.items():
        need.hours /= workers
        if need.requests:
            need.hours += _waiting_hours(config, need)
            need.usd = _usd(price_in(config.llm), need, batch=config.llm.requests.mode is LlmMode.BATCH)
        made.tables[name] = need
    made.notes += _notes(config, assumed, workers, asks=bool(asked or judged))
    return made


class _Job(NamedTuple):
    source: Source
    n_rows: int
    asked: bool
    judged: bool


def _add(
    made: Forecast, counter: RequestTokens, job: _Job, sample: pa.Table, stages: Sequence[Stage], assumed: Assumed
) -> None:
    """Add one source's share."""
    made.rows_in += job.n_rows
    made.sources[job.source.name] = job.n_rows
    units, tables = _tried(sample, [stage for stage in stages if stage.makes(job.source.name)])
    left = float(job.n_rows)
    for name, unit in units.items():
        need = made.tables.setdefault(name, Need())
        by_model = (name == "spoken" and job.asked) or (name == "verified" and job.judged)
        need.hours += left * unit.seconds / _SECONDS_PER_HOUR
        if by_model:
            rewriting = name == "spoken"
            tokens = counter.rewriting(sample, tables["spoken"]) if rewriting else counter.judging(sample, tables)
            requests = left * tokens.requests * (assumed.answers_per_call if rewriting else 1.0)
            need.requests += requests
            need.prompt_tokens += requests * tokens.prompt
            need.completion_tokens += requests * (tokens.answer + assumed.thinking_tokens)
        made.bytes += left * unit.bytes
        left *= assumed.accepted if by_model and name == "spoken" else unit.kept
        need.rows += left
    made.rows_out += left


def _tried(sample: pa.Table, stages: Sequence[Stage]) -> tuple[dict[str, _Unit], dict[str, pa.Table]]:
    """Run the rules' stages on a sample; seconds, share kept and bytes a row, and the tables."""
    tables: dict[str, pa.Table] = {PROBLEM: sample}
    units: dict[str, _Unit] = {}
    for stage in stages:
        inputs = {name: tables[name] for name in stage.inputs}
        if stage.table == "speech":
            # All tables of a sample hold the same rows, but few are spoken: the rest would take minutes.
            inputs = {name: table.slice(0, SPOKEN_ROWS) for name, table in inputs.items()}
        elif "speech" in inputs:
            heard = pa.array(tables["speech"].column("id").to_pylist(), pa.string())
            inputs = {name: table.filter(pa.compute.is_in(table.column("id"), heard)) for name, table in inputs.items()}
        transform = load(stage, Desk(Path()))
        first = next(iter(inputs.values()))
        transform({name: table.slice(0, 1) for name, table in inputs.items()})  # warm: caches, models
        started = time.perf_counter()
        made = checked(stage.name, stage.output, transform(inputs), sample)
        n_in = max(1, min(table.num_rows for table in inputs.values()))
        units[stage.table] = _Unit(
            (time.perf_counter() - started) / n_in,
            made.rows.num_rows / n_in,
            _size_of(made.rows) / max(1, first.num_rows),
        )
        tables[stage.table] = made.rows
    return units, tables


def _size_of(rows: pa.Table) -> int:
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd")
    return int(sink.getvalue().size)


def _by_rules(config: Config) -> Config:
    """The same build without a model, for the sample."""
    return replace(
        config,
        source=tuple(replace(spec, rewriter=None, judge=None) for spec in config.source),
        rewrite=replace(config.rewrite, engine=Rewriter.RULES),
        verify=replace(config.verify, judge=Judge.RULES),
    )


def _at_hand(config: Config, made: Forecast) -> Config:
    """The same build with a voice and an ear of this machine in the place of a paid server's, or of absent models."""
    how = config.speak
    if how.tts == NONE:
        return config
    speaking = {(entry.engine, entry.model) for entry in how.roster} or {(how.tts, how.model)}
    remote = any(name in tts.ENGINES and tts.ENGINES[name].remote for name, _ in speaking)
    absent = sorted({name for name, model in speaking if name in tts.ENGINES and not _is_here(name, model)})
    if remote:
        made.notes.append("speech by a server: nanotts stands for it; its price is not in these figures")
    elif absent:
        made.notes.append(f"{', '.join(absent)}: not on this machine; nanotts stands for it, and is far quicker")
    if remote or absent:
        how = replace(how, tts="nanotts", roster=(), voices=(), model=None, references=None, response_voice="")
    if how.asr in asr.ENGINES and asr.ENGINES[how.asr].remote:
        how = replace(how, asr="moonshine", asr_model=None)
        made.notes.append("transcripts by a server: moonshine stands for it; its price is not in these figures")
    return replace(config, speak=how)


def _is_here(engine: str, model: str | None) -> bool:
    """Whether an engine's packages are installed and its model needs no download."""
    about = tts.ENGINES[engine]
    try:
        for package in about.packages:
            package_version(package, about.extra)
    except EngineError:
        return False
    if not about.needs_model or model is None or about.remote or Path(model).exists():
        return True
    return (Path(HF_HUB_CACHE) / f"models--{model.replace('/', '--')}").exists()


def _size(source: Source, spec: SourceConfig, config: Config) -> int:
    if isinstance(source.origin, Generated):
        return config.rows or config.sources.simpleop.rows
    if spec.path is None and isinstance(source.origin, Hub):
        whole = source.origin.n_rows
    else:
        whole = sum(1 for _ in open_rows(source, None if spec.path is None else Path(spec.path)))
    return whole if config.rows is None else min(whole, config.rows)


def _sample(source: Source, spec: SourceConfig, config: Config, n_rows: int, made: Forecast) -> pa.Table:
    """The first problems of a source, or of the shipped rows in its format."""
    if spec.path is None and isinstance(source.origin, Hub):
        standing_in = next(other for other in resolve("sample") if other.name == f"sample/{source.name}")
        made.notes.append(f"{source.name}: {standing_in.name} rows of the same format stand for it")
        rows = tuple(islice(open_rows(standing_in), n_rows))
        chunk: Chunk | GeneratedChunk = Chunk(standing_in.name, rows)
    else:
        small = replace(config, rows=n_rows, collect=replace(config.collect, shard_rows=n_rows))
        chunk = next(chunks(source, spec, small))
    problems = checked("collect", ProblemTable, collect(chunk)).rows
    if not problems.num_rows:
        raise UsageError(
            f"--source {source.name}: none of its first {n_rows} rows can be read; there is nothing to plan"
        )
    return problems


def _waiting_hours(config: Config, need: Need) -> float:
    requests = config.llm.requests
    if requests.mode is LlmMode.BATCH:
        return float(_BATCH_HOURS)
    minutes = [need.requests * _LIVE_ANSWER_S / 60 / requests.concurrency]
    if requests.rpm:
        minutes.append(need.requests / requests.rpm)
    if requests.tpm:
        minutes.append((need.prompt_tokens + need.completion_tokens) / requests.tpm)
    return max(minutes) / 60


def _usd(price: Price | None, need: Need, *, batch: bool) -> float | None:
    return None if price is None else price.usd(need.prompt_tokens, need.completion_tokens, batch=batch)


def _notes(config: Config, assumed: Assumed, workers: int, *, asks: bool) -> Iterator[str]:
    yield f"seconds and bytes a row: measured here on the sample, over {workers} workers"
    if not asks:
        return
    source = "found by the build that --like names" if assumed.measured else "assumed"
    yield (
        f"{source}: {assumed.accepted:.0%} of the rewritten rows accepted, "
        f"{assumed.answers_per_call:.2f} answers for each call of the rewriting"
    )
    if not assumed.measured:
        yield f"{assumed.thinking_tokens:.0f} hidden tokens an answer; --thinking-tokens says otherwise"
    yield "tokens counted with the vocabulary qwen2.5, the schema once a request; no cached prompt is reckoned with"
    if config.llm.requests.mode is LlmMode.BATCH:
        yield f"by batch: {_BATCH_HOURS} h a round is what is promised, each repair turn is another round"
    else:
        yield f"live: {_LIVE_ANSWER_S:g} s an answer where neither rpm nor tpm is the narrower limit"


def like(folder: Place, thinking_tokens: float) -> Assumed:
    """What a build has found of a model's answers.

    Raises:
        UsageError: there is no finished build, or it asked no model.
    """
    try:
        plain = json.loads(read_text(folder / "report.json"))
    except (OSError, ValueError) as exc:
        raise UsageError(f"--like {folder}: holds no finished build ({exc})") from exc
    # Rows that rules rewrote, in a build of several sources, say nothing of a model.
    sums = plain["sums"].get("spoken", {})
    rows = sums.get("rows_asked", 0.0)
    if not sums.get("answers") or not rows:
        raise UsageError(f"--like {folder}: that build asked no model to rewrite")
    n_calls = len(Calls(plain["config"]["rewrite"]["calls"]).prompts)
    return Assumed(sums["rows_passed"] / rows, sums["answers"] / rows / n_calls, thinking_tokens, measured=True)


def keep(made: Forecast, out: Place) -> None:
    """Keep a prediction beside the build that it is for."""
    make_folder(out)
    write_json(out / PLAN_FILE, {**asdict(made), "total": asdict(made.total)})


def kept(config: Config, out: Place) -> dict[str, Any] | None:
    """The prediction that was kept for these settings, None if there is none."""
    try:
        plain = json.loads(read_text(out / PLAN_FILE))
        return {"total": asdict(Need(**plain["total"]))} if plain["config"] == settings_key(config) else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def against(plan: Mapping[str, Any], sums: Mapping[str, Mapping[str, float]], rows_out: int) -> dict[str, Any]:
    """A prediction beside what came of it: for each figure predicted, actual, and the error as a share."""
    asked = [table for table in sums.values() if "answers" in table]
    unpriced = sum(table["unpriced"] for table in asked)
    actual: dict[str, float | None] = {
        "rows": float(rows_out),
        "requests": sum(table["answers"] for table in asked),
        "prompt_tokens": sum(table["prompt_tokens"] for table in asked),
        "completion_tokens": sum(table["completion_tokens"] for table in asked),
        "usd": None if unpriced else sum(table["nano_usd"] for table in asked) / NANO_USD,
    }
    compared = {}
    for name, value in actual.items():
        predicted = plan["total"][name]
        error = predicted / value - 1 if value and predicted is not None else None
        compared[name] = {"predicted": predicted, "actual": value, "error": error}
    return compared
