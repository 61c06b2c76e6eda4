"""The command line of trained models: ask one, and measure several. No work is done here."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def infer(  # noqa: PLR0913 - one parameter per flag
    checkpoint: Annotated[str, typer.Option(metavar="DIR", help="A checkpoint that `smp3m train` has written.")],
    audio: Annotated[str | None, typer.Option(metavar="FILE", help="The question as a recording; - for stdin.")] = None,
    text: Annotated[str | None, typer.Option(help="The question as text.")] = None,
    ratio: Annotated[
        str, typer.Option(help="P:Q, P:Q/reasoning_first, adaptive, think_then_speak or response_only.")
    ] = "2:8",
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest token.")] = 0.0,
    top_p: Annotated[float, typer.Option(help="Share of the likeliest tokens to draw from.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Seed of what is drawn.")] = 0,
    max_response: Annotated[int, typer.Option(help="Most spoken tokens.")] = 256,
    max_reasoning: Annotated[int, typer.Option(help="Most silent tokens.")] = 1024,
    tts: Annotated[str, typer.Option(help="Speech engine; talker: the checkpoint's own; none.")] = "nanotts",
    voice: Annotated[str | None, typer.Option(help="NAME, or NAME@SPEED.")] = None,
    tts_model: Annotated[str | None, typer.Option(help="Model of an engine that needs one.")] = None,
    boundary: Annotated[str, typer.Option(help="Where the response is cut for the voice: clause or word.")] = "clause",
    wav: Annotated[Path | None, typer.Option(help="Write what was spoken (.wav, .flac, .ogg).")] = None,
    trace: Annotated[Path | None, typer.Option(help="Write one JSON line a token: what, which stream, when.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write the timeline as a PNG picture.")] = None,
    show_thinking: Annotated[bool, typer.Option("--show-thinking", help="Print the silent reasoning, dimmed.")] = False,
    compare: Annotated[
        list[str] | None, typer.Option(help="Measure latency instead: a paradigm as in --ratio, repeated, or all.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of --compare.")] = 3,
    device: Annotated[str | None, typer.Option(help="torch's name of it; default the GPU where there is one.")] = None,
) -> None:
    """Ask a trained model a question and hear it answer while it thinks."""
    from pipeline.model.extra import require_extra

    require_extra("infer")
    from pipeline.infer import commands
    from pipeline.infer.decode import Limits
    from pipeline.infer.sampling import Sampling

    wish = commands.Wish(
        checkpoint,
        ratio,
        Sampling(temperature, top_p, seed),
        Limits(max_response, max_reasoning),
        commands.VoiceWish(tts, voice, tts_model, boundary),
        device,
    )
    question = commands.question_of(audio, text)
    files = commands.Files(wav, trace, plot)
    if compare:
        paradigms = () if compare == ["all"] else compare
        commands.run_latency(question, wish, files, paradigms, rounds, Console())
        return
    commands.run_infer(question, wish, files, Console(), show_thinking=show_thinking)


def evaluate(  # noqa: PLR0913 - one parameter per flag
    data: Annotated[
        list[str],
        typer.Option(
            metavar="NAME[=PATH]",
            help="spoken_mqa, gsm8k, svamp, smp3m or smp3m_train; with PATH a copy in its format.",
        ),
    ],
    checkpoint: Annotated[list[str] | None, typer.Option(metavar="DIR", help="A checkpoint to ask; repeated.")] = None,
    endpoint: Annotated[
        list[str] | None, typer.Option(metavar="MODEL[@URL]", help="An OpenAI-compatible server to ask; repeated.")
    ] = None,
    ratio: Annotated[
        list[str] | None, typer.Option(help="Paradigm of checkpoints, as for infer; repeated, each is a contestant.")
    ] = None,
    ask: Annotated[str, typer.Option(help="How items are put: text, audio or both.")] = "text",
    listen: Annotated[bool, typer.Option("--listen", help="Score answers as an ear hears them spoken, too.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="First N items of each subset.")] = None,
    out: Annotated[Path, typer.Option(help="Records and results; run again to go on.")] = Path("smp3m-eval"),
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest token.")] = 0.0,
    top_p: Annotated[float, typer.Option(help="Checkpoints: share of the likeliest tokens to draw from.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Checkpoints: seed of what is drawn.")] = 0,
    max_response: Annotated[int, typer.Option(help="Checkpoints: most spoken tokens.")] = 256,
    max_reasoning: Annotated[int, typer.Option(help="Checkpoints: most silent tokens.")] = 1024,
    batch: Annotated[int, typer.Option(help="Checkpoints: items at a time; 1 to measure latency.")] = 8,
    max_tokens: Annotated[int, typer.Option(help="Endpoints: most tokens of an answer.")] = 1024,
    concurrency: Annotated[int, typer.Option(min=1, help="Endpoints: requests at a time.")] = 8,
    talker: Annotated[bool, typer.Option("--talker", help="Checkpoints: answer aloud by their own talker.")] = False,
    endpoint_voice: Annotated[str | None, typer.Option(help="Endpoints: ask for speech in this voice, too.")] = None,
    tts: Annotated[str, typer.Option(help="Speech engine, for what has no recording and for --listen.")] = "nanotts",
    voice: Annotated[str | None, typer.Option(help="NAME, or NAME@SPEED.")] = None,
    tts_model: Annotated[str | None, typer.Option(help="Model of an engine that needs one.")] = None,
    asr: Annotated[str, typer.Option(help="Ear of --listen.")] = "moonshine",
    asr_model: Annotated[str | None, typer.Option(help="Model of an ear that needs one.")] = None,
    device: Annotated[str | None, typer.Option(help="torch's name of it; default the GPU where there is one.")] = None,
) -> None:
    """Ask checkpoints and servers the problems of benchmarks and score them side by side; goes on where it stopped."""
    from pipeline.model.extra import require_extra

    require_extra("eval")
    from pipeline.evaluate.checkpoint import Decoding
    from pipeline.evaluate.endpoint import Asking
    from pipeline.evaluate.eval_command import EvalWish, StudioWish, run_eval
    from pipeline.infer.decode import Limits
    from pipeline.infer.sampling import Sampling

    decoding = Decoding(
        sampling=Sampling(temperature, top_p, seed),
        limits=Limits(max_response, max_reasoning),
        batch=batch,
        talker=talker,
    )
    asking = Asking(max_tokens, temperature, endpoint_voice, concurrency)
    wish = EvalWish(
        tuple(data),
        tuple(checkpoint or ()),
        tuple(endpoint or ()),
        tuple(ratio or ()),
        ask,
        listen,
        limit,
        out,
        decoding,
        asking,
        StudioWish(tts, voice, tts_model, asr, asr_model),
        device,
    )
    run_eval(wish, Console())
