"""Was a clip understood? An ear's verdict on a clip of a known text.

The ear transcribes freely; `core.wer` compares. Where only a quantity is disputed and the ear can score
texts, it decides between the text that was spoken and the ones it might have been (`core.confusions`): a
small ear writes "sixteen" for a good "sixty" now and then, but hardly finds it likelier. What one ear does not
understand another may: they fail on different clips. It knows no voices and no attempts.
"""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.backends.asr.protocol import ScoringTranscriber, Transcriber
from pipeline.backends.audio import Clip
from pipeline.core.confusions import alternatives
from pipeline.core.wer import compare


class Hearing(NamedTuple):
    """What an ear made of a clip."""

    text: str
    """The free transcription."""
    wer: float
    """Number-aware word errors of the transcription."""
    understood: bool
    detail: str
    """Why not, or what differed though it was understood; "" when nothing did."""


def first_understood(hearings: Iterable[Hearing]) -> tuple[Hearing, int]:
    """Take hearings of one clip, made as they are asked for, until an ear has understood it.

    Args:
        hearings: of one ear after another, at least one.

    Returns:
        The hearing of the ear that understood, else that of the first with what each found, and the ear's index.
    """
    heard: list[Hearing] = []
    for number, hearing in enumerate(hearings):
        heard.append(hearing)
        if hearing.understood:
            return hearing, number
    return heard[0]._replace(detail="; another ear: ".join(hearing.detail for hearing in heard)), 0


def listen(ear: Transcriber, clip: Clip, written: str, max_wer: float) -> Hearing:
    """Hear a clip of `written` and say whether it was understood.

    Raises:
        EngineError: the ear failed on this clip.
    """
    text = ear.transcribe(clip)
    wer, quantities_agree, detail = compare(written, text)
    if wer > max_wer:
        return Hearing(text, wer, False, f"wer {wer:.2f}, {max_wer:g} allowed: {detail}")
    if not quantities_agree and isinstance(ear, ScoringTranscriber):
        truth, *others = ear.score(clip, [written, *alternatives(written, text)])
        quantities_agree = bool(others) and truth > max(others)
    return Hearing(text, wer, quantities_agree, detail)
