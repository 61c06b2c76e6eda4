"""The phrases say nothing, alone or in front of a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.claims import sentence_ends
from pipeline.core.lead_ins import CONNECTIVES, FILLERS, OPENINGS
from pipeline.core.quantities import read
from pipeline.core.speak import residue

PHRASES = sorted({*OPENINGS, *CONNECTIVES, *FILLERS})
sentences = st.sampled_from(
    ["Seventy two clips are left.", "One half remains.", "Two dollars and ten cents, it is.", "Then nothing."]
)


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_states_no_quantity_and_can_be_spoken(phrase: str) -> None:
    assert read(phrase) == ()
    assert residue(phrase) is None
    assert sentence_ends(phrase) == [len(phrase)]


@given(st.sampled_from(PHRASES), st.sampled_from(("", *FILLERS)), sentences, sentences)
def test_phrases_leave_the_quantities_around_them_alone(phrase: str, filler: str, before: str, after: str) -> None:
    inserted = " ".join(part for part in (before, phrase, filler, after) if part)
    plain = f"{before} {after}"
    assert [(q.value, q.unit, inserted[q.start : q.end]) for q in read(inserted)] == [
        (q.value, q.unit, plain[q.start : q.end]) for q in read(plain)
    ]
