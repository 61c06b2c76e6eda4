"""Put the words of every formula into the prose around it, and keep where each stretch came from.

Where a formula begins is `core.mathtext`'s judgement and how it is said is `core.latex`'s; here the two meet the
readers of plain text, which know no LaTeX.
"""

from dataclasses import dataclass

from pipeline.core.latex import speak_math
from pipeline.core.mathtext import Segment, segments
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason

_BULLETS = frozenset(("\\bullet", "\\cdot", "\\circ"))
"""Alone in a formula these open an item of a list."""
_CONTEXT = 60
"""Characters of prose around a formula that say how it is meant."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`worded[start:end]` stands for `text[source:source_end]`."""

    start: int
    end: int
    source: int
    source_end: int
    offsets: tuple[int, ...] | None = None
    """Where each character of changed prose comes from, counted from `source`."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A text whose formulas are words."""

    text: str
    stretches: tuple[Stretch, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original text a span of the worded one comes from; of a formula the whole."""
        first = next(s for s in self.stretches if start < s.end)
        last = next(s for s in reversed(self.stretches) if end > s.start)
        return _place(first, start, first.source), _place(last, end, last.source_end)


def _place(stretch: Stretch, at: int, otherwise: int) -> int:
    if stretch.offsets is None:
        return otherwise
    return stretch.source + stretch.offsets[at - stretch.start]


def _offsets(text: str, plain: str) -> tuple[int, ...]:
    """Where each character of prose stood before escapes were taken out of it."""
    if text == plain:
        return tuple(range(len(text) + 1))
    found: list[int] = []
    at = 0
    for char in plain:
        here = at if char.isspace() else text.find(char, at)
        at = here if here >= 0 else at
        found.append(min(at, len(text)))
        at += here >= 0
    return (*found, min(at, len(text)))


def may_hold_formulas(text: str) -> bool:
    """A cheap test: without a backslash or two dollar signs there is no formula."""
    return "\\" in text or text.count("$") > 1 or "[asy]" in text


def worded(text: str) -> Worded | Unreadable | None:
    """The text with its formulas in words, None when it holds none."""
    if "[asy]" in text:
        return Unreadable(Reason.NEEDS_FIGURE, "the text draws a picture: '[asy]'")
    parts = segments(text)
    if len(parts) == 1 and not parts[0].is_math and parts[0].text == text:
        return None
    out: list[str] = []
    stretches: list[Stretch] = []
    at = 0
    for part in parts:
        words = _words(text, part)
        if isinstance(words, Unreadable):
            return words
        out.append(words)
        offsets = None if part.is_math else _offsets(text[part.start : part.end], part.text)
        stretches.append(Stretch(at, at + len(words), part.start, part.end, offsets))
        at += len(words)
    return Worded("".join(out), tuple(stretches))


def _is_displayed(text: str, part: Segment) -> bool:
    """Whether a formula stands on a line of its own, so that no word goes on with its last letter."""
    return text[part.start] != "$" or text.startswith("$$", part.start)


def _words(text: str, part: Segment) -> str | Unreadable:
    if not part.is_math:
        return part.text
    before, after = text[max(0, part.start - _CONTEXT) : part.start], text[part.end : part.end + _CONTEXT]
    if part.text.strip() in _BULLETS:
        return "•"
    words = speak_math(part.text, before, after)
    if isinstance(words, Unreadable):
        return words
    last = part.text.rstrip()[-1:]
    if last and last in ".,;?" and words[-1:].isalnum():
        words += last
    left = " " if before[-1:].isalnum() else ""
    right = " " if after[:1].isdigit() or (after[:1].isalpha() and _is_displayed(text, part)) else ""
    return f"{left}{words}{right}"
