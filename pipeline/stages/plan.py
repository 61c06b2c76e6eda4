"""Which tables a build makes, in which order, and what each one's identity is.

This is the one place where settings meet stages; each stage sees only what it depends on.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.backends.openai_address import require_key
from pipeline.backends.tokenizer import load as load_tokenizer
from pipeline.config import Config, Judge, Rewriter
from pipeline.config import section as literals
from pipeline.errors import UsageError
from pipeline.stages import interleave, rewrite, speak, verify
from pipeline.stages.interview import provider_of
from pipeline.stages.rewrite_llm import VERSION as MODEL_VERSION
from pipeline.stages.rewrite_llm import Calls
from pipeline.stages.stage import Async, Engine, Plain, Stage
from prompts import load as load_prompt
from schemas.interleaved import InterleavedTable
from schemas.speech import SpeechTable
from schemas.spoken import SpokenProblemTable
from schemas.verified import VerifiedTable
from sources.registry import resolve

_Chosen = TypeVar("_Chosen", Rewriter, Judge)


class UserStage(StrEnum):
    """The stages as `--stage` names them; each runs its predecessors first."""

    COLLECT = "collect"
    REWRITE = "rewrite"
    SYNTHESIZE = "synthesize"
    VERIFY = "verify"
    ALL = "all"

    @classmethod
    def named(cls, name: str) -> "UserStage":
        """Read a name from the command line.

        Raises:
            UsageError: there is no such stage.
        """
        try:
            return cls(name)
        except ValueError:
            raise UsageError(f"--stage {name}: unknown stage; choose from {', '.join(cls)}") from None

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
    speak.require_engines(config.speak)
    rewriters, judges = rewriters_of(config), judges_of(config)
    if Rewriter.OPENAI in rewriters or (until.publishes and set(judges) - {Judge.RULES}):
        require_key()
        config = replace(config, llm=replace(config.llm, provider=provider_of(config.llm)))
    config = located(config)
    with_speech = config.speak.tts != speak.NONE
    synthesize = [*([_speak(config)] if with_speech else []), _interleave(config)]
    steps = {
        UserStage.REWRITE: [
            replace(_rewrite(_rewritten_by(config, rewriter)), sources=sources)
            for rewriter, sources in rewriters.items()
        ],
        UserStage.SYNTHESIZE: synthesize,
        UserStage.VERIFY: [
            replace(_verify(_judged_by(config, judge), with_speech=with_speech), sources=sources)
            for judge, sources in judges.items()
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
    tokenizer, model = config.interleave.tokenizer, config.speak.model
    return replace(
        config,
        interleave=replace(config.interleave, tokenizer=_absolute(tokenizer)),
        speak=config.speak if model is None else replace(config.speak, model=_absolute(model)),
    )


def _absolute(name_or_path: str) -> str:
    return str(Path(name_or_path).absolute()) if Path(name_or_path).exists() else name_or_path


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


def _speak(config: Config) -> Stage:
    identity = {**speak.identity(config.speak), "seed": config.seed}
    transform = Engine(partial(speak.load, config.speak, config.seed))
    return Stage(speak.TABLE, speak.STAGE, speak.VERSION, SpeechTable, ("problem", "spoken"), transform, identity)


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


def _verify(config: Config, *, with_speech: bool) -> Stage:
    inputs = ("problem", "spoken", "interleaved", *(["speech"] if with_speech else []))
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
        }
        transform = Async(partial(verify.judged, config))
    return Stage(verify.TABLE, verify.STAGE, verify.VERSION, VerifiedTable, inputs, transform, identity)
