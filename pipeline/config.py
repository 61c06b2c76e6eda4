"""All settings with their defaults, in one place; TOML files and `--set KEY=VALUE` override them by dotted name.

Each section holds what one stage depends on, so that a section's literals are the stage's identity. What never bears
identity (workers, addresses, limits of an endpoint) lives in `RunConfig`, `PushConfig` and `RequestsConfig`.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pipeline.config_llm import LlmConfig
from pipeline.config_screen import DecontaminateConfig, DedupConfig, SplitConfig
from pipeline.config_sources import SOURCE_NAMES, Judge, Rewriter, SourceConfig, SourcesConfig
from pipeline.config_speech import SpeakConfig
from pipeline.config_types import CHECKED, Count, Positive
from pipeline.errors import UsageError

CONFIG_DIR = Path(__file__).with_name("configs")
_C = TypeVar("_C")
"""A config: of a build, or of what is done with one."""


@dataclass(frozen=True, config=CHECKED)
class CollectConfig:
    """How raw rows are cut into shards."""

    shard_rows: Count = 500
    """Most rows per shard: the unit of work, of resumption and of loss on a crash."""
    shard_bytes: Count = 2_000_000
    """Most bytes of raw rows per shard, so that long rows make shards of fewer; a longer row has one to itself."""


@dataclass(frozen=True, config=CHECKED)
class RewriteConfig:
    """Gates and engine of the rewriting."""

    engine: Rewriter = Rewriter.RULES
    """Who rewrites."""
    max_response_words: Count = 80
    """A longer response is refused."""
    max_reasoning_ratio: Positive = 4.0
    """Most reasoning per response, in the tokenizer-free count of core.count."""
    repair_turns: Annotated[int, Field(ge=0)] = 2
    """How often a finding goes back to the model."""
    calls: Literal["joint", "split"] = "joint"
    """Whether a model rewrites question and solution in one call, or each in its own at twice the price."""


@dataclass(frozen=True, config=CHECKED)
class InterleaveConfig:
    """The schedule and the drift check."""

    schedule: Literal["fixed", "adaptive"] = "fixed"
    """Blocks of one ratio, or blocks chosen row by row with learned switch tokens; the latter has no ratio or order."""
    ratio: str = "2:8"
    """Response tokens to reasoning tokens per block."""
    order: Literal["response_first", "reasoning_first"] = "response_first"
    """Which stream opens."""
    tokenizer: str = "qwen2.5"
    """Vocabulary, by name or path to a tokenizer.json."""
    margin: int = 0
    """Least slack of any derived claim, in reasoning tokens."""
    max_deferral: Annotated[int, Field(ge=0)] = 24
    """Most tokens inserted into a response to repair it."""


@dataclass(frozen=True, config=CHECKED)
class VerifyConfig:
    """Who judges the finished rows."""

    judge: Judge = Judge.RULES
    sample: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the rows that a model judges, drawn by the hash of their ids; a row says when it was left out."""


@dataclass(frozen=True, config=CHECKED)
class PublishConfig:
    """How the finished rows are cut into files."""

    file_rows: Count = 20_000
    """Most rows per Parquet file."""
    file_bytes: Count = 400_000_000
    """Most bytes of audio and tokens per Parquet file, before compression."""


@dataclass(frozen=True, config=CHECKED)
class PlacementConfig:
    """What a worker takes of its machine; Ray places it where there is so much."""

    cpus: Positive = 1.0
    """Cores, or a part of one."""
    gpus: Annotated[float, Field(ge=0)] = 0.0
    """GPUs, or a part of one: at 0.25 four workers share each. With 0 a worker sees none."""
    resources: dict[str, Annotated[float, Field(gt=0)]] = field(default_factory=dict)
    """Of the names that machines were started with (`ray start --resources '{"voices": 8}'`), how much."""

    def __post_init__(self) -> None:
        """Refuse what Ray places nowhere."""
        for name, share in {"gpus": self.gpus, **self.resources}.items():
            if share > 1 and share != int(share):
                raise UsageError(f"run: {name} {share:g}: give a part of one, or a whole number")


@dataclass(frozen=True, config=CHECKED)
class PushConfig:
    """How a finished data set is sent to the Hub; bears no identity."""

    batch_files: Count = 90
    """Most files per commit; the Hub recommends fewer than 100."""
    batch_bytes: Count = 50_000_000_000
    """Most bytes per commit: what is sent and not committed may be swept away there after a day."""
    parallel: Annotated[int, Field(ge=1, le=64)] = 4
    """Files sent at the same time."""
    retries: Annotated[int, Field(ge=0)] = 8
    """Attempts after the first for one call, on top of the client's own."""


@dataclass(frozen=True, config=CHECKED)
class RunConfig:
    """Where and with how much the build runs; bears no identity."""

    workers: Annotated[int, Field(ge=0)] = 0
    """Most processes; 0 means one per core of this machine, or of the cluster."""
    ray_address: str = "local"
    """Ray cluster to join; "local" starts one for this build."""
    text: PlacementConfig = field(default_factory=PlacementConfig)
    """Workers that collect, rewrite by rules, interleave and verify."""
    asking: PlacementConfig = field(default_factory=PlacementConfig)
    """Workers that ask a model, and wait most of the time."""
    speech: PlacementConfig = field(default_factory=PlacementConfig)
    """Workers that speak and hear; each holds every engine that its rows draw."""


@dataclass(frozen=True, config=CHECKED)
class Config:
    """Everything a build depends on."""

    seed: int = 0
    """Seed of generated problems, voices and splits; what a model is sent is `llm.seed`."""
    rows: Count | None = None
    """First N rows of each source; None takes all."""
    source: tuple[SourceConfig, ...] = (SourceConfig("sample"), SourceConfig("simpleop"))
    sources: SourcesConfig = field(default_factory=SourcesConfig)
    collect: CollectConfig = field(default_factory=CollectConfig)
    dedup: DedupConfig = field(default_factory=DedupConfig)
    decontaminate: DecontaminateConfig = field(default_factory=DecontaminateConfig)
    rewrite: RewriteConfig = field(default_factory=RewriteConfig)
    llm: LlmConfig = field(default_factory=LlmConfig)
    speak: SpeakConfig = field(default_factory=SpeakConfig)
    interleave: InterleaveConfig = field(default_factory=InterleaveConfig)
    verify: VerifyConfig = field(default_factory=VerifyConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    publish: PublishConfig = field(default_factory=PublishConfig)
    push: PushConfig = field(default_factory=PushConfig)
    run: RunConfig = field(default_factory=RunConfig)

    def __post_init__(self) -> None:
        """Refuse what no build could do."""
        if not self.source:
            raise UsageError(f"source: none is named; choose from {', '.join(SOURCE_NAMES)}")
        names = [spec.name for spec in self.source]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UsageError(f"--source {twice[0]}: named twice; give one folder that holds all its files")


def load(name: str) -> Config:
    """Read a shipped config by name, or a TOML file by path.

    Raises:
        UsageError: no such config, not TOML, or a key or value that does not fit.
    """
    path = CONFIG_DIR / f"{name}.toml"
    if not path.exists():
        path = Path(name)
    if not path.exists():
        shipped = ", ".join(sorted(p.stem for p in CONFIG_DIR.glob("*.toml")))
        raise UsageError(f"--config {name}: no such file or shipped config; shipped are {shipped}")
    config = with_settings(Config(), settings_of(path), f"--config {name}")
    # As in every build tool, what a file names lies beside it.
    located = [
        spec if spec.path is None else replace(spec, path=str(path.parent / spec.path)) for spec in config.source
    ]
    against = tuple(replace(one, path=str(path.parent / one.path)) for one in config.decontaminate.sets)
    decontaminate = replace(config.decontaminate, sets=against)
    how = config.speak
    speak = replace(
        how,
        references=None if how.references is None else str(path.parent / how.references),
        model=_beside(path, how.model),
        asr_model=_beside(path, how.asr_model),
        roster=tuple(replace(entry, model=_beside(path, entry.model)) for entry in how.roster),
    )
    interleave = replace(
        config.interleave, tokenizer=_beside(path, config.interleave.tokenizer) or config.interleave.tokenizer
    )
    return replace(config, source=tuple(located), decontaminate=decontaminate, speak=speak, interleave=interleave)


def _beside(config_file: Path, name: str | None) -> str | None:
    """A model that lies beside the file that names it; else what was said, which may be a name on the Hub."""
    if name is None or not (config_file.parent / name).exists():
        return name
    return str((config_file.parent / name).absolute())


def settings_of(path: Path) -> dict[str, Any]:
    """The settings that a TOML file gives with --config.

    Raises:
        UsageError: no such file, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"--config {path}: no such file") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError(f"--config {path}: cannot be read as TOML: {exc}") from exc


def with_setting(config: _C, assignment: str) -> _C:
    """Apply one `--set KEY=VALUE`; VALUE is read as TOML, else as text."""
    key, equals, text = assignment.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--set {assignment}: expected KEY=VALUE, such as seed=2")
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        value = text
    settings: dict[str, object] = {}
    inner = settings
    *parents, last = key.strip().split(".")
    for parent in parents:
        inner[parent] = inner = {}
    inner[last] = value
    return with_settings(config, settings, f"--set {assignment}")


def with_flags(config: _C, flags: Mapping[str, tuple[str, object]]) -> _C:
    """Lay the flags that were given over a config; a message names the flag at fault.

    Args:
        config: settings.
        flags: dotted key to flag and value, None where it was not given.
    """
    for key, (flag, value) in flags.items():
        if value is None:
            continue
        settings: object = value
        for part in reversed(key.split(".")):
            settings = {part: settings}
        config = with_settings(config, settings, flag)  # type: ignore[arg-type]
    return config


def to_dict(config: object) -> dict[str, Any]:
    """A config as plain JSON values."""
    plain: dict[str, Any] = TypeAdapter(type(config)).dump_python(config, mode="json")
    return plain


def section(part: object, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """One section as plain literals, less the settings that do not bear on what it makes."""
    plain: dict[str, Any] = TypeAdapter(type(part)).dump_python(part, mode="json")
    return {name: value for name, value in plain.items() if name not in without}


def to_toml(config: Config) -> str:
    """Config as a TOML file that `load` reads back, without what bears no identity (`run`, `push`, folders of files).

    Files of equal names are told apart by a folder that is called like their source, or evaluation/ and their set.
    """
    plain = to_dict(config)
    del plain["run"], plain["push"], plain["llm"]["requests"], plain["llm"]["prices"]
    plain["interleave"]["tokenizer"] = Path(plain["interleave"]["tokenizer"]).name
    for owner, key in _paths_of_speech(plain["speak"]):
        if owner[key] is not None and (Path(owner[key]).is_absolute() or key == "references"):
            owner[key] = Path(owner[key]).name
    files = [(spec["name"], spec) for spec in plain["source"] if spec["path"] is not None]
    files += [(f"evaluation/{spec['name']}", spec) for spec in plain["decontaminate"]["sets"]]
    names = [Path(spec["path"]).name for _, spec in files]
    for folder, spec in files:
        name = Path(spec["path"]).name
        spec["path"] = name if names.count(name) == 1 else f"{folder}/{name}"
    return "".join(f"{key} = {value}\n" for key, value in _toml_items("", plain))


def _paths_of_speech(speak: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Settings that may be paths, as the table that holds each and its key there."""
    yield from ((speak, key) for key in ("model", "asr_model", "references"))
    yield from ((entry, "model") for entry in speak["roster"])


def _toml_items(prefix: str, section: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from _toml_items(f"{prefix}{name}.", value)
        elif value is not None:
            yield f"{prefix}{name}", _toml_value(value)


def _toml_value(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{name} = {_toml_value(item)}" for name, item in value.items() if item is not None)
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)


def with_settings(config: _C, settings: Mapping[str, object], where: str) -> _C:
    """Lay nested settings over a config, checking names, types and bounds.

    Raises:
        UsageError: unknown key, or a value that does not fit.
    """
    try:
        checked: _C = TypeAdapter(type(config)).validate_python(_overlaid(to_dict(config), settings))
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where}: {key} = {first['input']!r}: {first['msg']}") from exc
    return checked


def _overlaid(base: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in settings.items():
        current = result.get(key)
        if isinstance(current, dict) and isinstance(value, Mapping):
            result[key] = _overlaid(current, value)
        else:
            result[key] = value
    return result
