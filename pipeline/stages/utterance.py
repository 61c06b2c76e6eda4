"""One text through one engine at a voice's pace and pitch, in pieces where the engine takes no more at a time.

It knows neither rows nor ears, and leaves level and ends of the clip as they come.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.backends.audio import Clip, join, resample, trim_from
from pipeline.backends.tts.protocol import Synthesizer, TimedSynthesizer, Voice, WordTime
from pipeline.core.utterances import pieces
from pipeline.errors import EngineError

SENTENCE_PAUSE_S, CLAUSE_PAUSE_S = 0.45, 0.2
"""Pauses of a speaker who reads aloud, at a voice's own pace."""
_SILENCE_DB, _MARGIN_S = -50.0, 0.02


class Utterance(NamedTuple):
    """What an engine said."""

    clip: Clip
    times: tuple[WordTime, ...] | None
    """When each word of the text is spoken, None where the engine does not say."""


class Manner(NamedTuple):
    """How a text is said."""

    voice: Voice
    """Name, and the pace that is heard in the end."""
    pitch: float
    """Factor on all frequencies: spoken slower by it, then played faster by it."""
    longest: int | None
    """Most characters the engine takes at a time; None for any number."""


def utter(engine: Synthesizer, text: str, manner: Manner, seed: int, *, timed: bool) -> Utterance:
    """Speak `text`.

    Args:
        engine: who speaks.
        text: words and punctuation.
        manner: how.
        seed: what the engine draws from.
        timed: whether to ask an engine that knows for the times of the words.

    Raises:
        EngineError: the engine failed on this text.
    """
    asked = Voice(manner.voice.name, manner.voice.speed / manner.pitch)
    parts = pieces(text, manner.longest)
    said = [_played(_say(engine, part.text, asked, seed, timed=timed), manner.pitch) for part in parts]
    if len(said) == 1:
        return said[0]
    for part, one in zip(parts, said, strict=True):
        if not one.clip.samples.any():
            raise EngineError(f"no sound for {part.text[:60]!r}")
    pauses_s = [SENTENCE_PAUSE_S if part.ends_sentence else CLAUSE_PAUSE_S for part in parts[:-1]]
    return _joined(said, [pause_s / manner.voice.speed for pause_s in pauses_s])


def _say(engine: Synthesizer, text: str, voice: Voice, seed: int, *, timed: bool) -> Utterance:
    if timed and isinstance(engine, TimedSynthesizer):
        clip, times = engine.synthesize_timed(text, voice, seed)
        return Utterance(clip, times)
    return Utterance(engine.synthesize(text, voice, seed), None)


def _played(said: Utterance, pitch: float) -> Utterance:
    """The same samples at a rate that is higher by `pitch`."""
    if pitch == 1.0:
        return said
    rate_hz = said.clip.sample_rate_hz
    played = resample(Clip(said.clip.samples, round(rate_hz * pitch)), rate_hz)
    return Utterance(played, None if said.times is None else shifted(said.times, 0.0, pitch))


def _joined(said: Sequence[Utterance], pauses_s: Sequence[float]) -> Utterance:
    rate_hz = max(one.clip.sample_rate_hz for one in said)
    clips: list[Clip] = []
    times: list[WordTime] | None = []
    start_s = 0.0
    for one, pause_s in zip(said, [*pauses_s, 0.0], strict=True):
        clip, cut_s = trim_from(resample(one.clip, rate_hz), _SILENCE_DB, _MARGIN_S)
        clips.append(clip)
        if times is not None and one.times is not None:
            times += shifted(one.times, start_s - cut_s, 1.0)
        else:
            times = None
        start_s += clip.duration_s + pause_s
    return Utterance(join(clips, pauses_s), None if times is None else tuple(times))


def shifted(
    times: Sequence[WordTime], by_s: float, faster: float, until_s: float = float("inf")
) -> tuple[WordTime, ...]:
    """The times in a clip that is played faster by a factor, then begins earlier or later, and lasts until a time."""

    def moved(time_s: float) -> float:
        return min(max(0.0, time_s / faster + by_s), until_s)

    return tuple(WordTime(time.word, moved(time.start_s), moved(time.end_s)) for time in times)
