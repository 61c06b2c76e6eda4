"""Canonical form of an answer written in plain text or LaTeX: kind, value, unit, and structural equality.

Splits an answer into collections (tuples, intervals, sets, unions, matrices) and leaves; a leaf that is a
plain rational is read here, any other goes to `core.symbolic`. It does not know where answers come from.
"""

import re
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from pipeline.core import symbolic


class AnswerKind(StrEnum):
    """What sort of value an answer is; the value of the column `answer_kind`."""

    NUMBER = "number"
    """A rational number, with or without a unit."""
    EXPRESSION = "expression"
    """An algebraic expression, an irrational number, an equation or a matrix."""
    TUPLE = "tuple"
    """An ordered collection: a point, a vector, an interval."""
    SET = "set"
    """Values whose order does not matter: "1, -2"."""
    OPTION = "option"
    """The letter of a choice."""
    TEXT = "text"
    """Words: a name, a weekday, a clock time."""


class Form(NamedTuple):
    """An answer in canonical form."""

    kind: AnswerKind
    value: str
    unit: str = ""


class _Group(NamedTuple):
    """A collection: `shape` holds its brackets ("()", "[)", "{}", "union", "matrix:2"), leaves are texts."""

    shape: str
    items: tuple["str | _Group", ...]


_NUM = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_FRAC = r"\\frac\s*(?:\{\s*(?P<tops>-?\d[\d,]*)\s*\}|(?P<t>\d))\s*(?:\{\s*(?P<bottoms>-?\d[\d,]*)\s*\}|(?P<b>\d))"
_NUMBER = re.compile(
    rf"(?P<sign>[-+]?)\s*(?P<money>[$£€]?)\s*(?P<minus>-?)(?:(?P<whole>{_NUM})?\s*{_FRAC}"
    rf"|(?:(?P<mixed>\d+)\s+)?(?P<top>{_NUM})(?:\s*/\s*(?P<bottom>{_NUM}))?)"
)
_MONEY_UNIT = {"$": "dollar", "£": "pound", "€": "euro"}
_UNIT = re.compile(
    r"\s*(?:(?P<percent>%|percent\b)|(?P<degree>\^?\s*\{?\s*\\circ\s*\}?|°|degrees?\b)"
    r"|(?P<words>(?:[A-Za-z][A-Za-z.'/-]*|\d+(?=\s))(?:[ -][A-Za-z.'/]+){0,5}(?:\^\{?[23]\}?)?))?\s*"
)
_MINOR = {"cents": "cent", "cent": "cent", "dollars": "dollar", "dollar": "dollar", "¢": "cent"}
_VARIABLES = frozenset({"pi", "ab", "bc", "ac", "abc", "xy", "yz", "xz", "xyz"})
_OPTION = re.compile(r"\(?\s*([A-J])\s*\)?\.?")
_DROPPED = re.compile(
    r"\\(?:left|right|displaystyle|big|Big|bigl|bigr|limits|,|!|;|:)(?![A-Za-z])|(?<!\\)\\\s|~|(?<=\d)\{,\}(?=\d)"
)
_TEXT = re.compile(r"\\(?:text|mbox|textbf|mathrm|textrm|mathbf|textit|hbox)\s*\{([^{}]*)\}(?:\^\{?([23])\}?)?")
_EQUATION = re.compile(r"[A-Za-z](?:_\{?\w+\}?)?\s*(?:=|\\in)\s*(?=\S)")
_MATRIX = re.compile(r"\\begin\{([pbv]?matrix|array)\}(?:\{[lcr|]*\})?(.*?)\\end\{\1\}", re.S)
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def undelimited(text: str) -> str:
    """The answer without math delimiters, a final full stop and a box around it."""
    bare = text.strip().rstrip(".").strip()
    for opening, closing in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if len(bare) > len(opening) + len(closing) and bare.startswith(opening) and bare.endswith(closing):
            bare = bare[len(opening) : -len(closing)].strip().rstrip(".")
    return boxed(bare) or bare


def boxed(text: str) -> str | None:
    r"""What the last \boxed or \fbox of a text holds, None without one."""
    start = max(text.rfind("\\boxed"), text.rfind("\\fbox"))
    if start < 0:
        return None
    opening = text.find("{", start)
    if opening < 0 or text[start:opening].strip() not in {"\\boxed", "\\fbox"}:
        rest = re.match(r"\\f?box(?:ed)?\s*([^\s$]+)", text[start:])
        return rest.group(1) if rest else None
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] == "{") - (text[i] == "}")
        if depth == 0:
            return text[opening + 1 : i].strip()
    return None


def option_letter(text: str) -> str | None:
    r"""The letter of a multiple-choice answer: "(B)", "B", "\text{(B)}"."""
    found = _OPTION.fullmatch(_plain(text))
    return found.group(1) if found else None


def read(text: str) -> Form:
    """The canonical form of an answer without delimiters."""
    plain = _plain(text)
    number = _number(plain)
    if number:
        return number
    option = _OPTION.fullmatch(plain)
    if option:
        return Form(AnswerKind.OPTION, option.group(1))
    structure = _structure(plain)
    if isinstance(structure, _Group):
        kind = AnswerKind.SET if structure.shape == "set" else AnswerKind.TUPLE
        return Form(AnswerKind.EXPRESSION if structure.shape.startswith("matrix") else kind, _show(structure))
    stated = _EQUATION.match(plain)
    if stated:
        right = _number(plain[stated.end() :])
        if right:
            return right
    return _leaf(text, plain)


def same(a: str, b: str) -> bool:
    """Whether two answers have the same structure and equal leaves."""
    return _same(_structure(_plain(a)), _structure(_plain(b)))


def _plain(text: str) -> str:
    """LaTeX without what only places it on paper."""
    text = text.replace("−", "-").replace("\\$", "$").replace("\\%", "%")
    text = text.replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac").replace("\\cfrac", "\\frac")
    text = _DROPPED.sub("", text)
    text = _TEXT.sub(lambda m: f" {m.group(1)}" + (f"^{m.group(2)}" if m.group(2) else ""), text)
    return " ".join(text.split()).strip().rstrip(".")


def _number(plain: str) -> Form | None:
    found = _NUMBER.match(plain)
    if not found:
        return None
    value = _value(found)
    unit = _UNIT.fullmatch(plain, found.end())
    if value is None or unit is None:
        return None
    if unit["percent"]:
        return Form(AnswerKind.NUMBER, str(value / 100), "percent")
    words = (unit["words"] or "").strip()
    if words and not _is_unit(words, plain[found.end() : found.end() + 1]):
        return None
    if found["money"]:
        return Form(AnswerKind.NUMBER, str(value), _MONEY_UNIT[found["money"]])
    return Form(AnswerKind.NUMBER, str(value), "degree" if unit["degree"] else _MINOR.get(words, words))


def _is_unit(words: str, before: str) -> bool:
    """Whether letters after a number are a unit and not a variable: "5 m" and "3 cm" but not "5x"."""
    return len(words) > 1 and (before == " " or words.islower()) and words not in _VARIABLES


def _value(found: re.Match[str]) -> Fraction | None:
    tops, bottoms = found["tops"] or found["t"], found["bottoms"] or found["b"]
    try:
        if bottoms:
            value = _decimal(tops) / _decimal(bottoms)
            whole = found["whole"]
        else:
            value = _decimal(found["top"]) / _decimal(found["bottom"] or "1")
            whole = found["mixed"]
            if whole and not found["bottom"]:
                return None
        value += _decimal(whole or "0")
    except ZeroDivisionError:
        return None
    return -value if "-" in (found["sign"], found["minus"]) else value


def _decimal(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def _leaf(text: str, plain: str) -> Form:
    words = plain.replace(" ", "").replace("'", "").replace("-", "")
    if "\\" not in plain and ((len(words) > 2 and words.isalpha()) or re.search(r"[A-Za-z]{3}|\d\s*:\s*\d|_", plain)):
        return Form(AnswerKind.TEXT, re.sub(r"\s*:\s*", ":", re.sub(r"[{}]", "", plain.lower())))
    value = symbolic.canonical(_braced(text))
    if value is None:
        return Form(AnswerKind.TEXT, plain)
    return Form(AnswerKind.EXPRESSION, value)


def _braced(text: str) -> str:
    r"""\frac12 and \sqrt3 with braces, which the algebra parser wants."""
    text = re.sub(r"\\[dtc]frac", r"\\frac", text)
    text = re.sub(r"\\frac\s*(\d|\\[a-zA-Z]+)\s*(\d|\\[a-zA-Z]+|\{)", _brace_pair, text)
    text = re.sub(r"(\\frac\s*\{[^{}]*\})\s*(\d|\\pi)", r"\1{\2}", text)
    return re.sub(r"\\sqrt\s*(\d|[a-zA-Z])", r"\\sqrt{\1}", text)


def _brace_pair(found: re.Match[str]) -> str:
    second = found.group(2)
    return f"\\frac{{{found.group(1)}}}" + (second if second == "{" else f"{{{second}}}")


def _structure(plain: str) -> "str | _Group":
    matrix = _MATRIX.fullmatch(plain)
    if matrix:
        rows = [r.split("&") for r in matrix.group(2).split("\\\\") if r.strip()]
        cells = tuple(_structure(c.strip()) for r in rows for c in r)
        return _Group(f"matrix:{len(rows)}", cells)
    parts = _split(plain, "\\cup")
    if len(parts) > 1:
        return _Group("union", tuple(_structure(p) for p in parts))
    inner = _enclosed(plain)
    if inner:
        items = tuple(_structure(i) for i in _split(inner[1], ","))
        if len(items) > 1:
            return _Group("set" if inner[0] == "{}" else inner[0], items)
    items_plain = _split(plain, ",") if _number(plain) is None else [plain]
    if len(items_plain) > 1:
        return _Group("set", tuple(_structure(i) for i in items_plain))
    return _signs(plain)


def _signs(plain: str) -> "str | _Group":
    r"""A \pm is the set of both values."""
    if "\\pm" not in plain:
        return plain
    return _Group("set", (plain.replace("\\pm", "+", 1), plain.replace("\\pm", "-", 1)))


def _enclosed(plain: str) -> tuple[str, str] | None:
    """Brackets and content where one pair of brackets holds the whole text; [a, b) is such a pair."""
    text = plain.replace("\\{", "{").replace("\\}", "}")
    if len(text) < 2 or text[0] not in "([{" or text[-1] not in ")]}":
        return None
    if (text[0] == "{") != (text[-1] == "}"):
        return None
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and i < len(text) - 1:
            return None
    return (text[0] + text[-1], text[1:-1]) if depth == 0 else None


def _split(text: str, separator: str) -> list[str]:
    """Cut at a separator outside all brackets."""
    parts, depth, start = [], 0, 0
    i = 0
    while i < len(text):
        c = text[i]
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and text.startswith(separator, i):
            parts.append(text[start:i].strip())
            start = i = i + len(separator)
            continue
        i += 1
    parts.append(text[start:].strip())
    return parts if all(parts) else [text]


def _show(node: "str | _Group") -> str:
    if isinstance(node, str):
        form = read(node)
        return form.value
    shown = [_show(i) for i in node.items]
    if node.shape.startswith("matrix"):
        columns = max(1, len(shown) // max(1, int(node.shape.partition(":")[2])))
        rows = [", ".join(shown[i : i + columns]) for i in range(0, len(shown), columns)]
        return "Matrix([" + ", ".join(f"[{row}]" for row in rows) + "])"
    if node.shape == "union":
        return " U ".join(shown)
    if node.shape == "set":
        return "{" + ", ".join(sorted(shown)) + "}"
    return f"{node.shape[0]}{', '.join(shown)}{node.shape[1]}"


def _same(a: "str | _Group", b: "str | _Group") -> bool:
    if isinstance(a, _Group) and isinstance(b, _Group):
        if a.shape != b.shape or len(a.items) != len(b.items):
            return False
        if a.shape in {"set", "union"}:
            return _same_in_some_order(list(a.items), list(b.items))
        return all(_same(x, y) for x, y in zip(a.items, b.items, strict=True))
    if isinstance(a, _Group) or isinstance(b, _Group):
        return False
    return _same_leaf(a, b)


def _same_in_some_order(a: list["str | _Group"], b: list["str | _Group"]) -> bool:
    for x in a:
        partner = next((i for i, y in enumerate(b) if _same(x, y)), None)
        if partner is None:
            return False
        b.pop(partner)
    return not b


def _same_leaf(a: str, b: str) -> bool:
    x, y = read(a), read(b)
    if (x.kind, x.value) == (y.kind, y.value):
        return True
    if AnswerKind.TEXT in (x.kind, y.kind):
        return False
    left, right = _braced(a), _braced(b)
    if ("=" in left) != ("=" in right):
        left, right = (re.sub(r"^\s*\w+\s*=", "", side) for side in (left, right))
    return symbolic.equal(left, right)
