"""What `smp3m infer` does with its flags: ask, print what is said as it is said, write sound, trace and picture."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

from pipeline.backends.audio import AUDIO_FORMATS, Clip, encode, join
from pipeline.core.paradigm import name_of, paradigm_named
from pipeline.core.schedule import Stream
from pipeline.errors import RunError, UsageError
from pipeline.infer.checkpoint import open_checkpoint, open_talker
from pipeline.infer.decode import Limits
from pipeline.infer.latency import PARADIGMS, compare, figures_of, markdown
from pipeline.infer.question import Question, recorded, written
from pipeline.infer.respond import Response, Step, respond
from pipeline.infer.sampling import Sampling
from pipeline.infer.speech import Boundary
from pipeline.infer.state_voice import StateVoice
from pipeline.infer.timeline_plot import titled, write_timeline
from pipeline.infer.trace import write_trace
from pipeline.infer.voice import Chunk, EngineVoice, Voice, engine_named
from pipeline.store.atomic import write_bytes

NO_VOICE = "none"
TALKER = "talker"
"""The checkpoint's own voice."""


@dataclass(frozen=True, slots=True)
class VoiceWish:
    """What is to speak."""

    engine: str = "nanotts"
    """Of `backends.tts`, `talker`, or `none`."""
    voice: str | None = None
    model: str | None = None
    boundary: str = Boundary.CLAUSE


@dataclass(frozen=True, slots=True)
class Files:
    """What is written; None is not."""

    wav: Path | None = None
    trace: Path | None = None
    plot: Path | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How a question is to be answered."""

    checkpoint: str
    ratio: str = "2:8"
    sampling: Sampling = field(default_factory=Sampling)
    limits: Limits = field(default_factory=Limits)
    voice: VoiceWish = field(default_factory=VoiceWish)
    device: str | None = None


def question_of(audio: str | None, text: str | None) -> Question:
    """The question that the flags name.

    Raises:
        UsageError: neither or both are given, or it cannot be answered.
    """
    if (audio is None) == (text is None):
        raise UsageError("infer: give the question by --audio FILE (- for stdin) or by --text, one of them")
    return recorded(audio) if audio is not None else written(text or "")


def run_infer(question: Question, wish: Wish, files: Files, console: Console, *, show_thinking: bool) -> None:
    """Answer a question in the terminal.

    Raises:
        UsageError: a flag that cannot be.
        RunError: a checkpoint, an engine or a file that cannot be used.
    """
    paradigm = paradigm_named(wish.ratio)
    _require_folders(files)
    if files.wav is not None and wish.voice.engine == NO_VOICE:
        raise UsageError("--wav: there is nothing to hear with --tts none; name an engine")
    voice = voice_of(wish)
    thinker = open_checkpoint(wish.checkpoint, wish.device)
    printer = _Printer(console, show_thinking=show_thinking)
    response = respond(thinker, question, paradigm, wish.sampling, wish.limits, voice, printer.show)
    printer.end()
    for line in response.unsaid:
        console.print(f"not said: {line}", style="yellow", markup=False, highlight=False)
    if not response.ended:
        limits = f"{wish.limits.response} spoken or {wish.limits.reasoning} silent tokens"
        console.print(f"(a limit of {limits} ended it)", style="yellow", highlight=False)
    console.print(summary(response, name_of(paradigm)), style="dim", highlight=False, soft_wrap=True)
    _write(files, response, f"{name_of(paradigm)}, from {question.source}", console)


def run_latency(
    question: Question, wish: Wish, files: Files, paradigms: Sequence[str], rounds: int, console: Console
) -> None:
    """Print latency figures of several paradigms, side by side.

    Raises:
        UsageError: a flag that cannot be.
        RunError: a checkpoint or an engine that cannot be used.
    """
    if files != Files():
        raise UsageError("--compare: answers many times and writes no files; leave out --wav, --trace and --plot")
    voice = voice_of(wish)
    thinker = open_checkpoint(wish.checkpoint, wish.device)
    lines = compare(thinker, [question], paradigms or PARADIGMS, wish.sampling, wish.limits, voice, rounds)
    console.print(markdown(lines), markup=False, highlight=False, soft_wrap=True, end="")
    unended = sum(line.n_unended for line in lines)
    if unended:
        console.print(f"{unended} of {sum(line.n_responses for line in lines)} responses were ended by a limit")


def voice_of(wish: Wish) -> Voice | None:
    """What speaks, None for nothing.

    Raises:
        UsageError: an unknown engine, voice or boundary, or a talker that was not trained.
        EngineError: it does not load.
        ContractError: the talker's files are damaged.
    """
    wanted = wish.voice
    try:
        boundary = Boundary(wanted.boundary)
    except ValueError:
        raise UsageError(f"--boundary {wanted.boundary}: unknown; choose from {', '.join(Boundary)}") from None
    if wanted.engine == NO_VOICE:
        return None
    if wanted.engine == TALKER:
        if wanted.voice is not None or wanted.model is not None:
            raise UsageError("--tts talker: it has one voice, the checkpoint's: leave out --voice and --tts-model")
        return StateVoice(open_talker(wish.checkpoint, wish.device))
    engine, speaker = engine_named(wanted.engine, wanted.voice, wanted.model, besides=f"{NO_VOICE}, {TALKER}, ")
    return EngineVoice(engine, speaker, boundary, wish.sampling.seed)


def summary(response: Response, paradigm: str) -> str:
    """A line of figures."""
    figures = figures_of(response)
    parts = [
        f"{paradigm}: {figures.n_tokens} tokens ({figures.n_spoken} spoken) in {figures.n_calls} calls",
        "nothing spoken"
        if figures.first_token_s is None
        else f"first spoken token after {figures.n_before_first} others, {1000 * figures.first_token_s:.0f} ms",
    ]
    if figures.first_audio_s is not None and figures.real_time_factor is not None:
        stalls = f"{figures.underruns or 'no'} underrun{'s' if figures.underruns > 1 else ''}"
        parts += [
            f"first audio {1000 * figures.first_audio_s:.0f} ms",
            f"{figures.audio_s:.1f} s of audio, real-time factor {figures.real_time_factor:.2f}, {stalls}",
        ]
    return "; ".join(parts)


def sound_of(chunks: Sequence[Chunk]) -> Clip:
    """All that was spoken, without the pauses that a late chunk makes.

    Raises:
        RunError: nothing was spoken.
    """
    if not chunks:
        raise RunError("nothing was spoken: there is no sound to write")
    return join([chunk.clip for chunk in chunks], pauses_s=0.0)


class _Printer:
    """Prints tokens as they come, the silent ones, where they are wanted, dimmed; in brackets where nothing can be."""

    def __init__(self, console: Console, *, show_thinking: bool) -> None:
        self._console = console
        self._show_thinking = show_thinking
        self._thinking = False

    def show(self, step: Step) -> None:
        silent = step.emitted.stream is not Stream.RESPONSE
        if not step.text or (silent and not self._show_thinking):
            return
        self._turn_to(thinking=silent)
        self._print(step.text)

    def end(self) -> None:
        self._turn_to(thinking=False)
        self._console.print()

    def _turn_to(self, *, thinking: bool) -> None:
        if thinking != self._thinking and not self._console.is_terminal:
            self._print("[" if thinking else "]")
        self._thinking = thinking

    def _print(self, text: str) -> None:
        self._console.print(Text(text, style="dim" if self._thinking else ""), end="", soft_wrap=True)
        sys.stdout.flush()


def _require_folders(files: Files) -> None:
    for flag, path in (("--wav", files.wav), ("--trace", files.trace), ("--plot", files.plot)):
        if path is not None and not path.absolute().parent.is_dir():
            raise UsageError(f"{flag} {path}: there is no folder {path.absolute().parent}")
    if files.wav is not None and files.wav.suffix.lower().lstrip(".") not in AUDIO_FORMATS:
        raise UsageError(f"--wav {files.wav}: the name must end in .{', .'.join(AUDIO_FORMATS)}")


def _write(files: Files, response: Response, title: str, console: Console) -> None:
    try:
        if files.trace is not None:
            write_trace(files.trace, response.steps)
        if files.plot is not None:
            write_timeline(files.plot, response, titled(title, response))
        if files.wav is not None:
            form = next(known for known in AUDIO_FORMATS if files.wav.suffix.lower() == f".{known}")
            write_bytes(files.wav, encode(sound_of(response.chunks), form))
    except OSError as exc:
        raise RunError(f"{exc.filename}: cannot be written: {exc.strerror}") from exc
    for path in (files.wav, files.trace, files.plot):
        if path is not None:
            console.print(str(path), highlight=False, soft_wrap=True)
