"""The command line: flags to a Config, errors to one line and an exit code. No work is done here.

Exit 0 done; 1 nothing accepted, or a check or the environment failed; 2 bad usage or config; 130 interrupted.
"""

import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.exceptions import Abort, TyperException

from pipeline import cli_models
from pipeline.config import Config, load, with_flags, with_setting, with_settings
from pipeline.config_llm import LlmMode
from pipeline.config_screen import Dedup
from pipeline.config_sources import Judge, Rewriter
from pipeline.config_types import chosen
from pipeline.core.latency import TOKENS_PER_S, WORDS_PER_MIN
from pipeline.errors import Reason, RunError, Smp3mError, UsageError
from pipeline.store.place import folder_named, place_named, store_errors, told

INTERRUPTED = 130
app = typer.Typer(
    name="smp3m", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
experiment = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Controlled experiments.")
app.add_typer(experiment, name="experiment")
Out = Annotated[str, typer.Argument(metavar="DIR", help="Output directory of a build, or s3://BUCKET/PREFIX.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"smp3m {version('smp3m')}")
        raise typer.Exit


@app.callback()
def root(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Build Spoken-Math-Problems-3M: verified spoken mathematics for models that think while they speak."""


# The flags of `build`, which `plan` takes too.
ConfigFlag = Annotated[str, typer.Option(help="Shipped config by name, or a TOML file.")]
RowsFlag = Annotated[int | None, typer.Option(help="First N rows of each source.")]
SeedFlag = Annotated[int | None, typer.Option(help="Seed of all choices.")]
SourceFlag = Annotated[list[str] | None, typer.Option(help="NAME, or NAME=PATH to read a file or folder.")]
RewriterFlag = Annotated[Rewriter | None, typer.Option(help="Who rewrites.")]
LlmModeFlag = Annotated[LlmMode | None, typer.Option(help="Ask at once, or by batch: slower, at half the price.")]
MaxCostFlag = Annotated[float | None, typer.Option(metavar="USD", help="Most to pay in DIR, earlier runs too.")]
RepairTurnsFlag = Annotated[int | None, typer.Option(help="How often a finding goes back to the model.")]
TtsFlag = Annotated[str | None, typer.Option(help="Speech engine, or none.")]
SpeakFlag = Annotated[str | None, typer.Option(help="question, or both question and response.")]
AsrFlag = Annotated[str | None, typer.Option(help="Ear, or none.")]
JudgeFlag = Annotated[Judge | None, typer.Option(help="Who judges beyond the exact checks.")]
RatioFlag = Annotated[str | None, typer.Option(help="Response tokens to reasoning tokens per block.")]
OrderFlag = Annotated[str | None, typer.Option(help="Which stream opens.")]
ScheduleFlag = Annotated[str | None, typer.Option(help="fixed or adaptive.")]
TokenizerFlag = Annotated[str | None, typer.Option(help="Vocabulary, by name or path.")]
WorkersFlag = Annotated[int | None, typer.Option(help="Worker processes; default one per core.")]
RayAddressFlag = Annotated[str | None, typer.Option(help="Ray cluster to join.")]
DedupFlag = Annotated[Dedup | None, typer.Option(help="Which duplicates go.")]
DecontaminateFlag = Annotated[
    list[str] | None, typer.Option(metavar="NAME=PATH", help="Evaluation set whose items must not be in the data.")
]
SetFlag = Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE for any other setting.")]
SETTINGS = {
    "rows": "rows",
    "seed": "seed",
    "rewriter": "rewrite.engine",
    "repair_turns": "rewrite.repair_turns",
    "llm_mode": "llm.requests.mode",
    "max_cost": "llm.requests.max_cost_usd",
    "tts": "speak.tts",
    "speak": "speak.what",
    "asr": "speak.asr",
    "judge": "verify.judge",
    "ratio": "interleave.ratio",
    "order": "interleave.order",
    "schedule": "interleave.schedule",
    "tokenizer": "interleave.tokenizer",
    "dedup": "dedup.mode",
    "workers": "run.workers",
    "ray_address": "run.ray_address",
}
"""Which setting a flag of `build` and `plan` gives a value to, by the parameter that holds the flag."""


@app.command()
def build(  # noqa: PLR0913 - one parameter per flag of the contract
    stage: Annotated[str, typer.Option(help="all, collect, rewrite, synthesize or verify.")] = "all",
    config: ConfigFlag = "demo",
    out: Annotated[str, typer.Option(help="Where everything goes: a folder, or s3://BUCKET/PREFIX.")] = "smp3m-data",
    rows: RowsFlag = None,
    seed: SeedFlag = None,
    source: SourceFlag = None,
    rewriter: RewriterFlag = None,
    llm_mode: LlmModeFlag = None,
    max_cost: MaxCostFlag = None,
    repair_turns: RepairTurnsFlag = None,
    tts: TtsFlag = None,
    speak: SpeakFlag = None,
    asr: AsrFlag = None,
    judge: JudgeFlag = None,
    ratio: RatioFlag = None,
    order: OrderFlag = None,
    schedule: ScheduleFlag = None,
    tokenizer: TokenizerFlag = None,
    dedup: DedupFlag = None,
    decontaminate: DecontaminateFlag = None,
    workers: WorkersFlag = None,
    ray_address: RayAddressFlag = None,
    retry_rejected: Annotated[
        str | None, typer.Option(metavar="REASON", help="Ask afresh for rows that a finished build refused for this.")
    ] = None,
    set_: SetFlag = None,
) -> None:
    """Build the data set, or the stages up to one; what is finished is kept and never made twice."""
    from pipeline.publish.publish import publish
    from pipeline.run.build import build as run_build
    from pipeline.run.closing import close
    from pipeline.stages.plan import UserStage

    settings = _settings(locals())
    console = Console()
    started = time.monotonic()
    until = chosen(UserStage, "--stage", stage)
    retry = None if retry_rejected is None else chosen(Reason, "--retry-rejected", retry_rejected)
    place = place_named(out)
    report = run_build(settings, place, until, publish, console, retry)
    close(report, place, time.monotonic() - started, console, published=until.publishes)


@app.command()
def plan(  # noqa: PLR0913 - the flags of build
    config: ConfigFlag = "demo",
    out: Annotated[str | None, typer.Option(help="Keep the plan there, for the report of the build to come.")] = None,
    rows: RowsFlag = None,
    seed: SeedFlag = None,
    source: SourceFlag = None,
    rewriter: RewriterFlag = None,
    llm_mode: LlmModeFlag = None,
    max_cost: MaxCostFlag = None,
    repair_turns: RepairTurnsFlag = None,
    tts: TtsFlag = None,
    speak: SpeakFlag = None,
    asr: AsrFlag = None,
    judge: JudgeFlag = None,
    ratio: RatioFlag = None,
    order: OrderFlag = None,
    schedule: ScheduleFlag = None,
    tokenizer: TokenizerFlag = None,
    dedup: DedupFlag = None,
    decontaminate: DecontaminateFlag = None,
    workers: WorkersFlag = None,
    ray_address: RayAddressFlag = None,
    sample: Annotated[int, typer.Option(min=1, help="Rows of each source to try.")] = 40,
    thinking_tokens: Annotated[
        int, typer.Option(min=0, help="Hidden tokens that the model charges for each answer.")
    ] = 0,
    like: Annotated[
        str | None, typer.Option(metavar="DIR", help="A finished build, to learn from what a model answers.")
    ] = None,
    set_: SetFlag = None,
) -> None:
    """Say what a build would need: rows, requests, tokens, money, hours, bytes; asks and pays nothing."""
    from pipeline.run.planning import show_plan

    settings = _settings(locals())
    kept, model = (None if text is None else place_named(text) for text in (out, like))
    show_plan(settings, kept, sample, thinking_tokens, model, Console())


@app.command()
def status(
    directory: Out, watch: Annotated[bool, typer.Option("--watch", help="Show it until the build ends.")] = False
) -> None:
    """Say how far a build is; works while another process builds."""
    from pipeline.run.status import show_status

    show_status(place_named(directory), Console(), watch=watch)


@app.command()
def ratios(
    directory: Out,
    schedule: Annotated[
        list[str] | None, typer.Option(help="P:Q for both orders, P:Q/reasoning_first for one, or adaptive.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of ratios.csv and ratios.png; default DIR.")] = None,
    tokens_per_s: Annotated[int, typer.Option(help="Decoding speed.")] = TOKENS_PER_S,
    words_per_min: Annotated[int, typer.Option(help="Speaking pace.")] = WORDS_PER_MIN,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; default one per core.")] = None,
) -> None:
    """Say what other schedules would make of a finished build; audio is not touched."""
    from pipeline.evaluate.commands import run_ratios
    from pipeline.evaluate.ratios import Pace

    run_ratios(place_named(directory), schedule or (), out, Pace(tokens_per_s, words_per_min), workers, Console())


@app.command()
def calibrate(
    directory: Out,
    faults: Annotated[int, typer.Option(min=1, help="Faults to plant, at least.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the rows drawn and of what is planted.")] = 0,
    judge: Annotated[str, typer.Option(help="Whose findings are scored: rules or openai.")] = "rules",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="KEY=VALUE for the model, such as llm.model=NAME.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of calibration.json; default DIR.")] = None,
) -> None:
    """Plant faults into rows of a finished build and say how many a judge of drift finds."""
    from pipeline.evaluate.commands import Calibrating, run_calibrate

    run_calibrate(place_named(directory), Calibrating(faults, seed, judge, settings or (), out), Console())


@app.command()
def train(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Folder of a build or data set, or a URL such as hf://.")],
    preset: Annotated[
        str | None, typer.Option(help="tiny (default), qwen2.5-omni-3b or -7b, a name on the Hub, or a folder.")
    ] = None,
    stage: Annotated[
        str | None, typer.Option(help="all (default), or some by commas: 1a, 1b, 2, 3, 4, 5; mini-omni has others.")
    ] = None,
    curriculum: Annotated[
        str | None,
        typer.Option(help="thinking-in-speaking (default), thinking-in-speaking-4-encoder or mini-omni."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Models, logs and curves.")] = Path("smp3m-model"),
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Model of an earlier run to go on from.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file of settings: docs/train.md has them.")
    ] = None,
    set_: SetFlag = None,
) -> None:
    """Train a model on a data set, stage after stage; run again to go on. Several processes by torchrun."""
    from pipeline.train.commands import run_train

    flags = {
        "model.preset": ("--preset", preset),
        "stage": ("--stage", stage),
        "curriculum": ("--curriculum", curriculum),
        "model.checkpoint": ("--checkpoint", None if checkpoint is None else str(checkpoint)),
    }
    run_train(data, out, flags, config, set_ or (), Console())


@experiment.command()
def paradigms(
    directory: Out,
    out: Annotated[Path, typer.Option(help="Where everything goes.")] = Path("smp3m-experiment"),
    config: Annotated[str, typer.Option(help="Grid of runs: cpu, gpu, or a TOML file.")] = "cpu",
    workers: Annotated[int | None, typer.Option(min=1, help="Runs at a time; default one.")] = None,
    set_: SetFlag = None,
) -> None:
    """Compare ways of talking: one build, the same model, seeds and budget; finished runs are kept."""
    from pipeline.evaluate.commands import run_paradigms

    run_paradigms(place_named(directory), out, config, set_ or (), workers, Console())


@app.command()
def push(  # noqa: PLR0913 - one parameter per flag
    directory: Out,
    repo: Annotated[str, typer.Argument(metavar="REPO", help="org/name on the Hub; made if it is not there.")],
    private: Annotated[
        bool | None, typer.Option("--private/--public", help="Who sees it; default: as it is, or the Hub's own.")
    ] = None,
    revision: Annotated[str, typer.Option(help="Branch; made from main if it is not there.")] = "main",
    tag: Annotated[str | None, typer.Option(help="Name for what is pushed.")] = None,
    allow_license: Annotated[
        list[str] | None, typer.Option(help="A licence not on our list that allows redistribution.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in place of a data set of other columns.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and send nothing.")] = False,
    set_: Annotated[list[str] | None, typer.Option("--set", help="push.KEY=VALUE for its settings.")] = None,
) -> None:
    """Publish a finished build on the Hub, or go on where a push was interrupted; no file is sent twice."""
    from pipeline.publish.push import Aim
    from pipeline.publish.push import push as run_push

    settings = Config()
    for assignment in set_ or []:
        if not assignment.startswith("push."):
            raise UsageError(f"--set {assignment}: a push has only settings push.KEY, such as push.parallel=8")
        settings = with_setting(settings, assignment)
    aim = Aim(repo, revision, tag, private, tuple(allow_license or ()), replace, dry_run)
    run_push(folder_named(directory, "push"), aim, settings.push, Console())


@app.command()
def show(
    directory: Out, row_id: Annotated[str, typer.Argument(metavar="ID", help="A row's id, or how it begins.")]
) -> None:
    """Show one row in the terminal: its texts, its timeline, and why it was accepted or refused."""
    from pipeline.review.commands import run_show

    run_show(place_named(directory), row_id, Console())


@app.command()
def review(  # noqa: PLR0913 - one parameter per flag of the contract
    directory: Out,
    jupyter: Annotated[
        list[str] | None, typer.Argument(metavar="[-- FLAGS]", help="Handed to JupyterLab, such as -- --no-browser.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one page of rows instead.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Leave rows judged bad out of the next build.")] = False,
    rows: Annotated[int, typer.Option(min=1, help="Rows of the page.")] = 20,
    source: Annotated[str | None, typer.Option(help="Only rows of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only rows refused for this reason.")] = None,
    voice: Annotated[str | None, typer.Option(help="Only rows of this voice.")] = None,
    slack: Annotated[str | None, typer.Option(metavar="LOW:HIGH", help="Only rows of such a slack.")] = None,
    verdicts: Annotated[str, typer.Option(help="Only rows that are so: any, none, good or bad.")] = "any",
    order: Annotated[str, typer.Option(help="random, worst, slack, wer, pads or first.")] = "random",
    seed: Annotated[int, typer.Option(help="Seed of the random order.")] = 0,
) -> None:
    """Review rows by ear and eye in a notebook; or write a page of rows, or apply the verdicts."""
    from pipeline.review import commands

    if html is not None and apply:
        raise UsageError("--html and --apply: give one of them")
    if apply:
        commands.run_apply(folder_named(directory, "review --apply"), Console())
    elif html is not None:
        wish = commands.Wish(rows, source, reason, voice, slack, verdicts, order, seed)
        commands.run_page(place_named(directory), html, wish, Console())
    else:
        from pipeline.review.launch import open_notebook

        open_notebook(folder_named(directory, "review"), jupyter or ())


app.command()(cli_models.infer)
app.command("eval")(cli_models.evaluate)


def _settings(given: Mapping[str, Any]) -> Config:
    """The config that the flags of `build` or `plan` make.

    Args:
        given: the parameters of the command by name, each as the command line gave it.
    """
    flags = {key: (f"--{name.replace('_', '-')}", given[name]) for name, key in SETTINGS.items()}
    settings = with_flags(load(given["config"]), flags)
    if given["source"]:
        settings = with_settings(settings, {"source": [_source(text) for text in given["source"]]}, "--source")
    if given["decontaminate"]:
        sets = [_evaluation_set(text) for text in given["decontaminate"]]
        settings = with_settings(settings, {"decontaminate": {"sets": sets}}, "--decontaminate")
    for assignment in given["set_"] or []:
        settings = with_setting(settings, assignment)
    if settings.interleave.schedule == "adaptive" and (given["ratio"] or given["order"]):
        raise UsageError("--schedule adaptive: chooses its own blocks; leave out --ratio and --order")
    tts = given["tts"]
    if tts not in (None, "none") and settings.speak.roster:
        raise UsageError(f"--tts {tts}: the config has a roster, which names its engines; leave out --tts")
    return settings


def _source(text: str) -> dict[str, str]:
    name, equals, path = text.partition("=")
    return {"name": name, "path": path} if equals else {"name": name}


def _evaluation_set(text: str) -> dict[str, str]:
    name, _, path = text.partition("=")
    return {"name": name, "path": path}


def main() -> None:
    """Run the command line and exit with the code of the contract."""
    try:
        code = app(standalone_mode=False)
    except Abort:
        code = INTERRUPTED
    except TyperException as exc:
        _say(exc.format_message())
        sys.exit(exc.exit_code)
    except Smp3mError as exc:
        _say(str(exc))
        sys.exit(exc.exit_code)
    except store_errors() as exc:
        _say(f"{told(exc)}; finished shards are kept, run again")
        sys.exit(RunError.exit_code)
    if code == INTERRUPTED:  # what typer makes of Ctrl-C
        _say("interrupted; what is finished is kept, run the same command to go on")
    sys.exit(code or 0)


def _say(message: str) -> None:
    typer.echo(f"smp3m: {message}", err=True)
