"""Whatever quantity is written in any of its kinds, its words state it again, in value, kind and unit."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.lexicon import MONTHS
from pipeline.core.quantities import amount, read
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.speak import residue, speak


def _suffixed(n: int) -> str:
    teens = n % 100 in (11, 12, 13)
    return f"{n}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


SMALL = st.integers(0, 999)
PROPER = st.tuples(st.integers(1, 98), st.integers(2, 99)).filter(lambda p: p[0] < p[1])
YEARS = st.integers(1300, 2099)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 28))
DECIMAL = st.tuples(SMALL, st.integers(1, 9999)).map(lambda p: f"{p[0]}.{p[1]:04d}")
CENTS = st.tuples(st.integers(0, 10**6), st.integers(1, 99)).map(lambda p: f"${p[0]:,}.{p[1]:02d}")
WRITTEN: dict[Kind, st.SearchStrategy[str]] = {
    Kind.CARDINAL: st.one_of(
        st.integers(0, 10**15).filter(lambda n: n < 10**12).map(str),
        st.integers(1000, 10**15).map(lambda n: f"{n:,}"),
        st.integers(1, 10**6).map(lambda n: f"-{n}"),
        DECIMAL,
        st.tuples(SMALL.map(str), st.sampled_from(["kg", " cm", " ft", " mph", " km/h", " sq ft", "°F", " dozen"])).map(
            "".join
        ),
    ),
    Kind.ORDINAL: st.integers(1, 10**5).map(_suffixed),
    Kind.MONEY: st.one_of(CENTS, st.integers(1, 10**6).map(lambda n: f"${n}"), SMALL.map(lambda n: f"{n}¢"),
                          SMALL.map(lambda n: f"€{n}"), SMALL.map(lambda n: f"{n}$")),
    Kind.PERCENT: st.one_of(SMALL.map(lambda n: f"{n}%"), DECIMAL.map(lambda d: f"{d}%")),
    Kind.FRACTION: PROPER.map(lambda p: f"{p[0]}/{p[1]}"),
    Kind.MIXED: st.tuples(st.integers(1, 999), PROPER).map(lambda p: f"{p[0]} {p[1][0]}/{p[1][1]}"),
    Kind.RATIO: st.tuples(st.integers(1, 99), st.integers(1, 99)).map(lambda p: f"{p[0]}:{p[1]}"),
    Kind.CLOCK: st.one_of(
        st.tuples(st.integers(1, 12), st.integers(0, 59), st.sampled_from(["am", "p.m."])).map(
            lambda p: f"{p[0]}:{p[1]:02d} {p[2]}"
        ),
        st.tuples(st.integers(1, 23), st.integers(0, 59)).map(lambda p: f"{p[0]}:{p[1]:02d}"),
    ),
    Kind.DATE: st.one_of(
        DAYS.map(lambda d: f"{d:%Y-%m-%d}"),
        DAYS.map(lambda d: f"{d.month}/{d.day}/{d.year}"),
        DAYS.map(lambda d: f"{MONTHS[d.month - 1][:3]}-{d.day}-{d.year}"),
    ),
    Kind.YEAR: st.one_of(YEARS.map(str), st.integers(130, 209).filter(lambda n: n % 10 != 1).map(lambda n: f"{n}0s")),
    Kind.SCIENTIFIC: st.tuples(st.integers(1, 9), st.integers(4, 20)).map(lambda p: f"{p[0]} x 10^{p[1]}"),
    Kind.POWER: st.tuples(st.integers(2, 99), st.integers(2, 9)).map(lambda p: f"{p[0]}^{p[1]}"),
    Kind.VARIABLE: st.one_of(
        st.sampled_from("bknyz").map(lambda v: f"{v}%"),
        st.sampled_from("bknyz").map(lambda v: f"${v}"),
        st.tuples(st.integers(2, 99), st.sampled_from("bkny")).map(lambda p: f"{p[0]}{p[1]}"),
        st.tuples(st.sampled_from("bknyz"), st.integers(2, 9)).map(lambda p: f"{p[0]}^{p[1]}"),
    ),
    Kind.DIGITS: st.one_of(
        st.integers(0, 999).map(lambda n: f"(555) 010-0{n:03d}"),
        st.integers(0, 99999).map(lambda n: f"0{n:05d}"),
        st.integers(10**13, 10**14).filter(lambda n: n % 1000).map(str),
    ),
}  # fmt: skip
AROUND: dict[Kind, str] = {
    Kind.RATIO: "They stand in the ratio {}.",
    Kind.CLOCK: "It begins at {} today.",
    Kind.DATE: "It was on {} that it began.",
    Kind.YEAR: "It began in {}.",
}
"""Sentences that tell these kinds from others; the rest stand in a plain one."""


SAID_IN_PARTS = (Kind.RATIO, Kind.DATE, Kind.YEAR)
"""Their words are two quantities, or those of a count too: "three to four", "two thousand"."""


def _terms(*found: Quantity) -> list[Fraction]:
    return [term for q in found for term in (amount(q), q.second) if term is not None]


def _unit(quantity: Quantity) -> str:
    return {"cent": "dollar"}.get(quantity.unit, quantity.unit)


def _same(written: Quantity, spoken: Quantity) -> bool:
    euros = "euro" in (written.unit, spoken.unit)
    same_name = written.symbol == spoken.symbol and (euros or _unit(written) == _unit(spoken))
    return written.kind is spoken.kind and _terms(written) == _terms(spoken) and same_name


@pytest.mark.parametrize("kind", WRITTEN)
def test_words_state_what_was_written(kind: Kind) -> None:
    @settings(deadline=None)
    @given(WRITTEN[kind])
    def states(text: str) -> None:
        sentence = AROUND.get(kind, "Here is {}, he says.").format(text)
        written = read(sentence)
        spoken = speak(sentence)
        assert isinstance(spoken, str), spoken
        assert residue(spoken) is None
        again = read(spoken)
        assert [q.kind for q in written] == [kind], sentence
        if kind in SAID_IN_PARTS:
            assert _terms(*written) == _terms(*again), (spoken, again)
        else:
            assert len(again) == 1, (spoken, again)
            assert _same(written[0], again[0]), (spoken, written, again)

    states()


RANGES = ["It takes {}-{} days.", "It costs ${}-${} a day.", "About {}%-{}% of it is gone."]


@settings(deadline=None)
@given(st.sampled_from(RANGES), st.integers(1, 500), st.integers(1, 500))
def test_both_ends_of_a_range_are_stated(form: str, low: int, more: int) -> None:
    sentence = form.format(low, low + more)
    spoken = speak(sentence)
    assert isinstance(spoken, str)
    assert " to " in spoken
    assert [(amount(q), _unit(q)) for q in read(sentence)] == [(amount(q), _unit(q)) for q in read(spoken)]
    assert len(read(spoken)) == 2
