"""Write a question or sentence as it is said: words and ordinary punctuation, no digit, no symbol.

Quantities come with their words from `core.phrases`, signs from `core.signs`; here they are put together,
lines and brackets become pauses, abbreviations words. Nothing else that is words already is changed.
"""

import re
from operator import or_

from pipeline.core.abbreviations import SHORT, SHORT_MEASURES, STOPPED, expand
from pipeline.core.formulas import may_hold_formulas, worded
from pipeline.core.math_signs import GREEK
from pipeline.core.operands import line_start
from pipeline.core.outcome import Unreadable
from pipeline.core.phrases import Phrase
from pipeline.core.quantity import Kind, Quantity
from pipeline.core.reading import Reading, reading
from pipeline.core.signs import BULLETS, PLAIN, say
from pipeline.core.text import GREEK_LETTER, clean
from pipeline.core.tokens import LINE, NUMBER, SIGN, WORD, Tokens, kind_of
from pipeline.core.units import singular
from pipeline.errors import Reason

_LATIN = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
_RESIDUE = re.compile(rf"[^{_LATIN}\s.,;:?!'\"’‘“”–—…-]")
_NOT_SPOKEN = re.compile(rf"[^{_LATIN} .,;:?!'-]")
_SPACES = re.compile(r" {2,}")
_SPACE_BEFORE = re.compile(r" +([,.;:?!])")
_STOPS = re.compile(r"\.{2,}")
_PAUSES = re.compile(r"[,;:](?: *[,;:])+")
_PAUSE_AT_END = re.compile(r"[,;:](?: *[,;:])* *([.?!])")
_PAUSE_AT_START = re.compile(r"([.?!]) *[,;:][,;: ]*")
_STRAY_HYPHEN = re.compile(rf"(?<![{_LATIN}'.])-+|-+(?![{_LATIN}])")
_TIGHT = re.compile(r"([,;:?!])(?=[A-Za-z])")
_TRAILS_OFF = re.compile(r"(?<=[A-Za-z])\s*(?:\.{3,}|…)(\s*$|\s+(?=[\"'“A-Z]))")
_TERMS_LEFT_OUT = re.compile(r"(?<=[,+])\s*(?:\.{3,}|…)(?=\s*[,+])")
_BREAKS_OFF = re.compile(r"(?<=[A-Za-z])\s*(?:\.{3,}|…)\s*(?=[a-z])")
"""Dots that no word stands for, in prose; between numbers they may stand for the terms left out."""
_LONGEST = 100_000
_ODD_SIGN = re.compile(r"[^A-Za-z0-9\s.,?!;:$%()\"'/+=*×÷-]")
_ODD_ORDER = re.compile(r"[$.'Ii](?:(?<=\$)[A-Za-z]|(?<=\.)\W*\.|(?<=')(?:(?!\w)|(?<!\w'))|(?<=[Ii])n *[.?!])")
"""Signs, and signs in an order, beside which a second look is worth its time; ordinary questions hold none."""
_UNTIDY = re.compile(
    r"[ ,;:.?!](?:(?<= )[ ,.;:?!]|(?<=[,;:]) *[,;:.?!]|(?<=[.?!]) *[,;:]|(?<=\.)\.|(?<=[,;:?!])[A-Za-z])"
)
"""Pauses and blanks of which the patterns above would change any; most texts hold none, and one look tells."""
_HYPHENED_LETTER = re.compile(r"-[a-z]\b")
_MOST_PASSES = 3


def residue(text: str) -> str | None:
    """The first digit or symbol in a text that is to be spoken, else None; quotation marks pass."""
    found = _RESIDUE.search(text)
    return found.group() if found else None


def speak(text: str) -> str | Unreadable:
    """The spoken form of any text; idempotent; Unreadable names the character that has none."""
    text = clean(text)
    if may_hold_formulas(text):
        prose = worded(text)
        if isinstance(prose, Unreadable):
            return prose
        text = text if prose is None else prose.text
    text = _worded_signs(text)
    if len(text) > _LONGEST:
        return Unreadable(Reason.UNREADABLE, f"{len(text)} characters are no sentence to be spoken")
    spoken = _Speaker(whole := reading(text)).run()
    if not isinstance(spoken, Unreadable) and (_is_odd(text) or _may_change(whole.tokens, spoken)):
        spoken = _settled(spoken)
    if isinstance(spoken, Unreadable):
        return spoken
    left = _NOT_SPOKEN.search(spoken)
    return _unreadable(left.group()) if left else spoken


def _greek(found: re.Match[str]) -> str:
    return f" {letter} " if (letter := GREEK.get(found.group())) else found.group()


def _worded_signs(text: str) -> str:
    """Name Greek letters, and say what an ellipsis stands for: terms left out, or a voice that breaks or trails off."""
    if not text.isascii():
        text = GREEK_LETTER.sub(_greek, text)
    if "..." not in text and "…" not in text:
        return text
    text = _TERMS_LEFT_OUT.sub(" and so on", text)
    return _BREAKS_OFF.sub(", ", _TRAILS_OFF.sub(r".\1", text))


def _is_odd(text: str) -> bool:
    return _ODD_SIGN.search(text) is not None or _ODD_ORDER.search(text) is not None


def _may_change(before: Tokens, spoken: str) -> bool:
    """Whether signs that are gone now bring words together that mean something else: "Jan (.", "sq $", "6' in"."""
    if not SHORT_MEASURES.isdisjoint(before.words):
        return True
    low = spoken.lower()
    if "-" in low and _HYPHENED_LETTER.search(low):
        return True
    if " :" in low or ("feet" in low and " in" in low) or "!" in low or "in?" in low or "-in " in low or ".m" in low:
        return True
    return any(piece.rpartition(" ")[2].rpartition("-")[2].lstrip(",;:!?'") in STOPPED for piece in low.split(".")[:-1])


def _settled(spoken: str) -> str | Unreadable:
    """What speaking leaves as it is: letters between odd signs ("sq °F", "x" after a cent) may take two passes."""
    for _ in range(_MOST_PASSES):
        again = _Speaker(reading(_worded_signs(spoken))).run()
        if isinstance(again, Unreadable) or again == spoken:
            return again
        spoken = again
    return Unreadable(Reason.UNREADABLE, f"letters between signs: {spoken[:60]!r}")


def _unreadable(char: str) -> Unreadable:
    return Unreadable(Reason.UNREADABLE, f"no spoken form for {char!a} ({char})" if char.isprintable() else f"{char!a}")


def _tidy(text: str) -> str:
    untidy = "-" in text or _UNTIDY.search(text) is not None
    text = (_mended(text) if untidy else text.lstrip(" ,;:")).strip()
    return text.rstrip(",;: ") if text[-1:] in ",;:" else text


def _mended(text: str) -> str:
    """The text without doubled pauses and loose hyphens, its stops at the words before them."""
    text = _SPACES.sub(" ", text)
    text = _SPACE_BEFORE.sub(r"\1", text)
    if ".." in text:
        text = _STOPS.sub(".", text)
    text = _PAUSES.sub(lambda match: match.group()[-1] if ":" not in match.group() else ":", text)
    text = _PAUSE_AT_END.sub(r"\1", text)
    text = _PAUSE_AT_START.sub(r"\1 ", text).lstrip(" ,;:")
    if "-" in text:
        text = _STRAY_HYPHEN.sub(" ", text)
    return _SPACES.sub(" ", _TIGHT.sub(r"\1 ", text))


class _Speaker:
    """One pass over the tokens of a text, collecting what is said."""

    def __init__(self, text: Reading) -> None:
        self.text = text
        self.tokens = text.tokens
        self.out: list[str] = []
        self.position = 0
        self.last: Phrase | None = None
        self.between = False
        self.tidy = True
        """Whether spaces and stops are still where the text had them."""

    def run(self) -> str | Unreadable:
        t = self.tokens
        kinds = t.kinds
        marks = bytes(map(or_, self.text.opens, map(_CHANGED.__getitem__, t.words)))
        i = 0
        while (i := marks.find(1, i)) >= 0:
            kind = kinds[i]
            phrase = self.text.phrase(i)
            if phrase is not None:
                self._phrase(i, phrase)
                i = phrase.next
                continue
            if kind == WORD:
                i = self._word(i) if t.words[i] in SHORT else i + 1
            elif kind == SIGN:
                if t.words[i] in _COPIED or (t.words[i] == "." and not t.glued(i + 1)):
                    i += 1
                    continue
                said = say(t, i, self.last if self.last is not None and self.last.next == i else None)
                if said is None:
                    return _unreadable(t.words[i])
                self._replace(i, said.next, said.words)
                i = said.next
            elif kind == NUMBER:
                return _unreadable(t.words[i][:20])
            else:
                i = self._line(i)
        self.out.append(t.text[self.position :])
        spoken = "".join(self.out)
        return _SPACES.sub(" ", spoken).strip() if self.tidy else _tidy(spoken)

    def _replace(self, i: int, end: int, words: str) -> None:
        t = self.tokens
        start, stop = t.starts[i], t.ends[end - 1]
        if t.text[start:stop] == words:
            return
        if words[-1:].isalpha() and t.glued(end) and t.kinds[end] == WORD:
            words += " "
        self.out += (t.text[self.position : start], words)
        self.position = stop
        self.tidy = False

    def _phrase(self, i: int, phrase: Phrase) -> None:
        t = self.tokens
        last, self.last = self.last, phrase
        between, self.between = self.between, i > 0 and t.words[i - 1] == "between"
        if phrase.spoken is None and (last is None or last.spoken is None or last.next < i - 1):
            return
        gap = t.text[self.position : phrase.start]
        if last is not None and last.next >= i - 1 and not between and _would_merge(t, last, i, phrase):
            rest = t.text[max(last.end, self.position) : phrase.start].lstrip()
            gap = f"{t.text[self.position : last.end]}, {rest}"
        elif i and t.words[i - 1] == "point":
            gap = f"{gap.rstrip()}, "
        if phrase.spoken is None:
            self.out.append(gap)
            self.position = phrase.start
            return
        spoken = phrase.spoken
        if t.glued(i) and (t.kinds[i - 1] in (WORD, NUMBER) or t.words[i - 1] in _PAUSE_SIGNS):
            gap += " "
        if self._sentence_starts(i):
            spoken = spoken[:1].upper() + spoken[1:]
        if i and t.words[i - 1] == "a" and gap[-2:] in ("a ", "A ") and spoken.startswith(_VOWEL_SOUNDS):
            gap = f"{gap[:-1]}n "
        self.out += (gap, spoken)
        if t.glued(phrase.next) and t.kinds[phrase.next] in (WORD, NUMBER):
            self.out.append(" ")
        self.position = phrase.end

    def _sentence_starts(self, i: int) -> bool:
        t = self.tokens
        bullet = i > 0 and t.words[i - 1] in BULLETS and line_start(t, i - 1) and not t.glued(i)
        return (
            line_start(t, i)
            or bullet
            or (t.words[i - 1] in (".", "?", "!") and not t.glued(i) and self.position < t.ends[i - 1])
        )

    def _word(self, i: int) -> int:
        expanded = expand(self.tokens, i, self.last)
        if expanded is None:
            return i + 1
        words, end = expanded
        self._replace(i, end, words)
        return end

    def _line(self, i: int) -> int:
        t = self.tokens
        j = i
        while t.kinds[j] == LINE:
            j += 1
        before = t.words[i - 1] if i else ""
        if i == 0 or j >= t.count or before in (".", "?", "!", ":", ";", ","):
            words = " "
        else:
            words = " " if t.kinds[j] == WORD and t.raw(j)[0].islower() and j == i + 1 else ". "
        self._replace(i, j, words)
        return j


_VOWEL_SOUNDS = ("eight", "eleven")
""""A $80 jacket" is "an eighty dollar jacket": so begin all numbers that "an" goes before."""
_PAUSE_SIGNS = frozenset(",;")
_COPIED = PLAIN - {"'", ":", ".", "!"}
_MOST_REMEMBERED = 1 << 16


class _Changed(dict[str, int]):
    """1 for a token that may not be copied as it is, by its text; filled on first sight."""

    def __missing__(self, word: str) -> int:
        changed = word in SHORT if kind_of(word) == WORD else word not in _COPIED
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[word] = changed
        return changed


_CHANGED = _Changed()
_LOOSE = (Kind.CARDINAL, Kind.YEAR, Kind.CLOCK, Kind.DIGITS, Kind.RATIO, Kind.POWER)


def _would_merge(t: Tokens, last: Phrase, i: int, phrase: Phrase) -> bool:
    """Whether two quantities, one after the other, would be heard as one number."""
    first = last.quantity
    if first is not None and first.kind is Kind.MONEY:
        return last.next == i - 1 and t.words[i - 1] == "and" and _are_cents_of(first, phrase.quantity)
    if first is None or first.kind not in _LOOSE or (first.unit and first.kind is not Kind.CLOCK):
        return False
    if phrase.quantity is None or (last.spoken is None and phrase.spoken is None):
        return False
    if last.next == i:
        if not t.near(i) or t.glued(i):
            return False
        said = phrase.spoken or ""
        attributive = (
            "-" in said
            or (t.words[phrase.next] == "-" and t.glued(phrase.next + 1))
            or singular(said.rpartition(" ")[2]) == said.rpartition(" ")[2]
        )
        return not attributive or (first.value >= 20 and first.value % 10 == 0 and phrase.quantity.value < first.value)
    return t.words[i - 1] == "and" and first.value % 100 == 0


def _are_cents_of(first: Quantity, second: Quantity | None) -> bool:
    """Whether "$1 and $0.05" would be one dollar and five cents."""
    if second is None or second.kind is not Kind.MONEY:
        return False
    return first.value.denominator == 1 and 0 < second.value < 1
