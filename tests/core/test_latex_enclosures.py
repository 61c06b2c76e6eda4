import pytest

from pipeline.core.latex import speak_math
from pipeline.core.latex_enclosures import enclosure
from pipeline.core.outcome import Unreadable


@pytest.mark.parametrize(
    ("notations", "words"),
    [
        ("box", "box"),
        ("top circle", "circle, line on top"),
        ("updiagonalstrike downdiagonalstrike", "x, cross out"),
        ("horizontalstrike", "horizontal, cross out"),
        ("phasorangle", "phasor angle"),
        ("", "long division symbol"),
    ],
)
def test_what_is_drawn_has_a_name(notations: str, words: str) -> None:
    assert enclosure(notations) == words


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\frac{\cancel{7}}{9}", "up diagonal, cross out, enclosing seven end enclosure over nine"),
        (r"\enclose{circle}{k + 1}", "circle, enclosing k plus one end enclosure"),
        (r"\boxed{7}", "seven"),
    ],
)
def test_a_struck_out_term_is_not_read_as_if_it_stood(tex: str, words: str) -> None:
    assert speak_math(tex) == words


def test_an_unknown_notation_is_named() -> None:
    refused = speak_math(r"\enclose{spiral}{7}")
    assert isinstance(refused, Unreadable)
    assert "spiral" in refused.detail
