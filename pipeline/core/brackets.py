"""Brackets in speech: a remark becomes a pause, a group of operands "the quantity", "(s)" a plural.

Which brackets belong together is found by counting; nothing is known of what they hold but whether it is mathematics.
"""

from pipeline.core.codes import bracketed_telephone
from pipeline.core.operands import Said, ends_operand, is_mathematical
from pipeline.core.phrases import Phrase, phrase_at
from pipeline.core.tokens import NUMBER, SIGN, WORD, Tokens
from pipeline.core.written_numbers import OPERATORS


def open_bracket(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    """What an opening bracket is said as; a plural in brackets is taken in whole."""
    close = _closing(t, i)
    if close is None:
        return Said(", ", i + 1)
    inner = close - i - 1
    if inner == 1 and bracketed_telephone(t, i + 1):
        return Said(" ", i + 1)
    if inner == 1 and t.words[i + 1] in ("s", "es", "ies") and t.glued(i):
        return Said(t.words[i + 1], close + 1)
    return _open_pair(t, i, close, before)


def _open_pair(t: Tokens, i: int, close: int, before: Phrase | None) -> Said:
    """The words for the opening one of two brackets around a remark or operands."""
    single = _is_single(t, i, close)
    inner = close - i - 1
    glued = t.glued(i) and (before is not None or t.words[i - 1] == ")")
    if not _groups_operands(t, i, close):
        return Said(", ", i + 1)
    if glued:
        return Said(" times " if single else " times the quantity ", i + 1)
    if t.glued(i) and t.words[i - 1] in ("f", "g", "h", "p", "q") and inner <= 2:
        return Said(" of ", i + 1)
    return Said(" " if single else " the quantity ", i + 1)


def _is_single(t: Tokens, i: int, close: int) -> bool:
    """Whether the brackets hold one operand only."""
    if close - i <= 2:
        return True
    phrase = phrase_at(t, i + 1)
    return phrase is not None and phrase.next == close


def _opening(t: Tokens, i: int) -> int | None:
    depth = 0
    for j in range(i, max(-1, i - 120), -1):
        if t.words[j] in (")", "]"):
            depth += 1
        elif t.words[j] in ("(", "["):
            depth -= 1
            if depth == 0:
                return j
    return None


def _closing(t: Tokens, i: int) -> int | None:
    depth = 0
    for j in range(i, min(t.count, i + 120)):
        if t.words[j] in "([" and t.kinds[j] == SIGN:
            depth += 1
        elif t.words[j] in ")]" and t.kinds[j] == SIGN:
            depth -= 1
            if depth == 0:
                return j
    return None


def _groups_operands(t: Tokens, i: int, close: int) -> bool:
    """Whether the brackets at `i` and `close` group operands instead of setting a remark apart."""
    for j in range(i + 1, close):
        if t.kinds[j] == WORD and not is_mathematical(t.words[j]):
            return False
        if t.words[j] in (",", ";", "."):
            return False
    around = (i > 0 and t.words[i - 1] in OPERATORS | {"-", ")", "(", "√", "∛"}) or t.words[close + 1] in OPERATORS | {
        "-",
        "(",
        ")",
    }
    return around or (t.glued(i) and ends_operand(t, i - 1))


def shut_bracket(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    """What a closing bracket is said as: a pause, or nothing behind a single operand."""
    del before
    after = t.words[i + 1]
    if t.glued(i + 1) and t.kinds[i + 1] == NUMBER:
        return Said(" times ", i + 1)
    opening = _opening(t, i)
    single = opening is not None and _is_single(t, opening, i)
    if single and (after in OPERATORS or after in "-)" or after == "("):
        return Said(" ", i + 1)
    return Said(", ", i + 1)
