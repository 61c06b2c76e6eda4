from collections.abc import Sequence

import numpy as np

from pipeline.backends.asr.hearing import Hearing, first_understood, listen
from pipeline.backends.audio import Clip

CLIP = Clip(np.zeros(16_000, np.float32), 16_000)
SPOKEN = "Sixty jars hold nine litres."


class Ear:
    """Hears one text whatever the clip."""

    def __init__(self, heard: str) -> None:
        self.heard = heard

    def transcribe(self, clip: Clip) -> str:
        del clip
        return self.heard


def in_turn(*ears: Ear) -> tuple[Hearing, int]:
    return first_understood(listen(ear, CLIP, SPOKEN, 0.2) for ear in ears)


class ScoringEar(Ear):
    """Finds one text likeliest."""

    def __init__(self, heard: str, likeliest: str) -> None:
        super().__init__(heard)
        self.likeliest = likeliest
        self.asked: list[str] = []

    def score(self, clip: Clip, texts: Sequence[str]) -> list[float]:
        del clip
        self.asked = [*texts]
        return [-1.0 if text == self.likeliest else -9.0 for text in texts]


def test_a_text_heard_as_written_is_understood_without_a_second_look() -> None:
    ear = ScoringEar("60 jars hold 9 liters.", "")
    assert listen(ear, CLIP, SPOKEN, 0.2) == ("60 jars hold 9 liters.", 0.0, True, "")
    assert ear.asked == []


def test_an_ear_that_cannot_score_refuses_a_disputed_quantity() -> None:
    hearing = listen(Ear("Sixteen jars hold nine litres."), CLIP, SPOKEN, 0.2)
    assert not hearing.understood
    assert "'Sixty' was heard as 'Sixteen'" in hearing.detail


def test_the_likelier_text_decides_a_disputed_quantity() -> None:
    heard = "Sixteen jars hold nine litres."
    assert listen(ScoringEar(heard, SPOKEN), CLIP, SPOKEN, 0.2).understood
    assert not listen(ScoringEar(heard, heard), CLIP, SPOKEN, 0.2).understood


def test_an_undecided_ear_refuses() -> None:
    assert not listen(ScoringEar("Sixteen jars hold nine litres.", "none of them"), CLIP, SPOKEN, 0.2).understood


def test_too_many_wrong_words_are_refused_whatever_is_likely() -> None:
    hearing = listen(ScoringEar("Sixty cars sold fine meters.", SPOKEN), CLIP, SPOKEN, 0.2)
    assert not hearing.understood
    assert hearing.detail.startswith("wer 0.80, 0.2 allowed: ")


def test_what_one_ear_does_not_understand_another_may() -> None:
    deaf, good = Ear("Sixteen jars hold nine litres."), Ear("60 jars hold 9 liters.")
    assert in_turn(deaf, good) == (("60 jars hold 9 liters.", 0.0, True, ""), 1)
    assert in_turn(good, deaf) == (("60 jars hold 9 liters.", 0.0, True, ""), 0)


def test_what_no_ear_understands_is_told_as_each_heard_it() -> None:
    hearing, number = in_turn(Ear("Sixteen jars hold nine litres."), Ear("Six cars."))
    assert (hearing.text, hearing.understood, number) == ("Sixteen jars hold nine litres.", False, 0)
    assert "was heard as 'Sixteen'" in hearing.detail
    assert "; another ear: wer" in hearing.detail


def test_an_ear_that_understands_is_not_asked_twice() -> None:
    second = ScoringEar("", "")
    assert in_turn(Ear("60 jars hold 9 liters."), second)[1] == 0
    assert second.asked == []
