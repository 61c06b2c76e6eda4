"""Which tables a build makes, in which order, and what each one's identity is.

This is the one place where settings meet stages; each stage sees only what it depends on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.backends.openai_address import Server, require_key, server_named
from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.config import Config
from pipeline.config import section as literals
from pipeline.config_sources import Judge, Rewriter
from pipeline.stages import decontaminate, interleave, respond, rewrite, sketch, speak, verify
from pipeline.stages.booth import NONE, asks_server, require_ear
from pipeline.stages.interview import provider_of
from pipeline.stages.rewrite_llm import VERSION as MODEL_VERSION
from pipeline.stages.rewrite_llm import Calls
from pipeline.stages.roster import members
from pipeline.stages.speak import Casting, casting
from pipeline.stages.stage import FAMILY, Async, Engine, Plain, Stage
from prompts import load as load_prompt
from schemas.interleaved import InterleavedTable
from schemas.response_speech import ResponseSpeechTable
from schemas.speech import SpeechTable
from schemas.spoken import SpokenProblemTable
from schemas.verified import VerifiedTable
from sources.evaluation import EvaluationSet, read_set
from sources.registry import resolve
from sources.source import Generated

_Chosen = TypeVar("_Chosen", Rewriter, Judge)


class UserStage(StrEnum):
    """The stages as `--stage` names them; each runs its predecessors first."""

    COLLECT = "collect"
    REWRITE = "rewrite"
    SYNTHESIZE = "synthesize"
    VERIFY = "verify"
    ALL = "all"

    @property
    def publishes(self) -> bool:
        """Whether publishing follows."""
        return self in (UserStage.VERIFY, UserStage.ALL)


def stages_of(config: Config, until: UserStage) -> tuple[Stage, ...]:
    """Return the stages after collect, in order, up to the one asked for.

    Where sources differ in who rewrites or judges them, several stages fill one table, each for its sources.

    Raises:
        UsageError: an engine, schedule or tokenizer does not exist.
        EngineError: a model is to be asked, but the key is missing or the address is none.
    """
    require_ear(config.speak)
    rewriters, judges = rewriters_of(config), judges_of(config)
    if Rewriter.OPENAI in rewriters or (until.publishes and set(judges) - {Judge.RULES}):
        require_key()
        config = replace(config, llm=replace(config.llm, provider=provider_of(config.llm)))
    config = located(config)
    cast = None if config.speak.tts == NONE else _cast(config)
    synthesize = [*([_speak(cast)] if cast else []), _interleave(config)]
    if cast and config.speak.what == "both":
        synthesize.append(_respond(cast, config.interleave.tokenizer))
    spoken = tuple(stage.table for stage in synthesize if stage.table != interleave.TABLE)
    steps = {
        UserStage.REWRITE: [
            replace(_rewrite(_rewritten_by(config, rewriter)), sources=sources)
            for rewriter, sources in rewriters.items()
        ],
        UserStage.SYNTHESIZE: synthesize,
        UserStage.VERIFY: [
            replace(_verify(_judged_by(config, judge), spoken), sources=sources) for judge, sources in judges.items()
        ],
    }
    stages: list[Stage] = []
    if until is UserStage.COLLECT:
        return ()
    for user_stage, made in steps.items():
        stages += made
        if user_stage is until:
            break
    return tuple(stages)


def screens_of(config: Config, against: Sequence[EvaluationSet]) -> tuple[Stage, ...]:
    """Return the stages that look at all problems before any is rewritten, in order.

    Problems that a program generates differ by construction: they are compared with evaluation sets, not with each
    other.

    Args:
        config: settings.
        against: what `config.decontaminate` names, as `evaluation_sets` reads it.
    """
    sources = [source for spec in config.source for source in resolve(spec.name)]
    collected = frozenset(source.name for source in sources if not isinstance(source.origin, Generated))
    compared = [sketch.stage(collected)] if collected else []
    return (*([decontaminate.stage(config.decontaminate, against)] if against else []), *compared)


def evaluation_sets(config: Config) -> tuple[EvaluationSet, ...]:
    """Read the evaluation sets that problems are to be compared with.

    Raises:
        UsageError: one is missing, or no question can be found in it.
    """
    return tuple(read_set(one.name, Path(one.path).absolute()) for one in config.decontaminate.sets)


def rewriters_of(config: Config) -> dict[Rewriter, frozenset[str]]:
    """Who rewrites -> the `source` values of the rows."""
    return _grouped((spec.name, spec.rewriter or config.rewrite.engine) for spec in config.source)


def judges_of(config: Config) -> dict[Judge, frozenset[str]]:
    """Who judges -> the `source` values of the rows."""
    return _grouped((spec.name, spec.judge or config.verify.judge) for spec in config.source)


def _grouped(chosen: Iterable[tuple[str, _Chosen]]) -> dict[_Chosen, frozenset[str]]:
    groups: dict[_Chosen, frozenset[str]] = {}
    for name, choice in chosen:
        groups[choice] = groups.get(choice, frozenset()) | {source.name for source in resolve(name)}
    return groups


def _rewritten_by(config: Config, rewriter: Rewriter) -> Config:
    return replace(config, rewrite=replace(config.rewrite, engine=rewriter))


def _judged_by(config: Config, judge: Judge) -> Config:
    return replace(config, verify=replace(config.verify, judge=judge))


def located(config: Config) -> Config:
    """The same settings with absolute paths: a worker may run in another directory."""
    how = config.speak
    return replace(
        config,
        interleave=replace(config.interleave, tokenizer=_path_or_name(config.interleave.tokenizer)),
        speak=replace(
            how,
            model=_absolute(how.model),
            asr_model=_absolute(how.asr_model),
            references=_absolute(how.references),
            roster=tuple(replace(entry, model=_absolute(entry.model)) for entry in how.roster),
        ),
    )


def _absolute(name_or_path: str | None) -> str | None:
    return None if name_or_path is None else _path_or_name(name_or_path)


def _path_or_name(text: str) -> str:
    return str(Path(text).absolute()) if Path(text).exists() else text


def _rewrite(config: Config) -> Stage:
    if config.rewrite.engine is Rewriter.RULES:
        identity: dict[str, object] = {"rewrite": literals(config.rewrite, without=("repair_turns", "calls"))}
        transform: Plain | Async = Plain(partial(rewrite.by_rules, config.rewrite))
    else:
        identity = {
            "rewrite": literals(config.rewrite),
            "llm": literals(config.llm, without=("requests", "prices")),
            "prompts": Calls(config.rewrite.calls).digests,
            "model_version": MODEL_VERSION,
        }
        transform = Async(partial(rewrite.by_model, config.rewrite, config.llm))
    return Stage(rewrite.TABLE, rewrite.STAGE, rewrite.VERSION, SpokenProblemTable, ("problem",), transform, identity)


def _cast(config: Config) -> Casting:
    server = None
    everyone = members(config.speak)
    if asks_server(config.speak, everyone):
        require_key()
        server = Server(server_named(), provider_of(config.llm))
        everyone = members(config.speak, server)
    respond.require_voice(config.speak, everyone)
    return casting(config.speak, everyone, config.seed, config.split.test, server)


def _speak(cast: Casting) -> Stage:
    return Stage(
        speak.TABLE,
        speak.STAGE,
        speak.VERSION,
        SpeechTable,
        ("problem", "spoken"),
        Engine(partial(speak.load, cast)),
        cast.identity,
        batch_rows=speak.BATCH_ROWS,
        takes_over=True,
        # Which voices a row may draw depends on its split, and that on its family, only where voices are held out.
        inputs_if_any=(FAMILY,) if cast.held_out_share else (),
    )


def _respond(cast: Casting, tokenizer: str) -> Stage:
    return Stage(
        respond.TABLE,
        respond.STAGE,
        respond.VERSION,
        ResponseSpeechTable,
        ("problem", "interleaved", "speech"),
        Engine(partial(respond.load, cast, tokenizer)),
        respond.identity(cast),
        columns={"interleaved": ("id", "response", "response_ids"), "speech": ("id", "voice")},
        batch_rows=speak.BATCH_ROWS,
        takes_over=True,
    )


def _interleave(config: Config) -> Stage:
    interleave.schedule_named(config.interleave)  # refuse now what the workers would refuse
    tokenizer = load_tokenizer(config.interleave.tokenizer)
    unused = ("ratio", "order") if config.interleave.schedule == "adaptive" else ()
    identity = {
        "interleave": literals(config.interleave, without=("tokenizer", *unused)),
        "tokenizer": tokenizer.digest,
    }
    transform = Engine(partial(interleave.load, config.interleave))
    return Stage(
        interleave.TABLE,
        interleave.STAGE,
        interleave.VERSION,
        InterleavedTable,
        ("problem", "spoken"),
        transform,
        identity,
    )


def _verify(config: Config, spoken: tuple[str, ...]) -> Stage:
    inputs = ("problem", "spoken", "interleaved", *spoken)
    identity: dict[str, object] = {
        "margin": config.interleave.margin,
        "model_judges": config.verify.judge is not Judge.RULES,
        "limits": literals(config.rewrite, without=("engine", "repair_turns", "calls")),
    }
    if config.verify.judge is Judge.RULES:
        transform: Engine | Async = Engine(partial(verify.load, config))
    else:
        identity |= {
            "llm": literals(config.llm, without=("requests", "prices")),
            "repair_turns": config.rewrite.repair_turns,
            "sample": config.verify.sample,
            "prompts": [load_prompt(f"judge_{aspect}").digest for aspect in ("drift", "colloquial", "transcript")],
            "transcripts": "where a word differs",
        }
        transform = Async(partial(verify.judged, config))
    columns = {name: columns for name, columns in verify.COLUMNS.items() if name in inputs}
    return Stage(verify.TABLE, verify.STAGE, verify.VERSION, VerifiedTable, inputs, transform, identity, columns)
