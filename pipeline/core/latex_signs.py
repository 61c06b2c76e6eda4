"""Signs and commands that stand for themselves -> nodes, by the role they play in a formula."""

import re
import unicodedata

from pipeline.core import latex_symbols as names
from pipeline.core.latex_node import Kind, Node
from pipeline.core.latex_tokens import UnreadableLatexError

_SIGNS = ((Kind.SUM, names.SUMS), (Kind.RELATION, names.RELATIONS), (Kind.PRODUCT, names.PRODUCTS))

_NAMED = (
    (Kind.FUNCTION, names.FUNCTIONS),
    (Kind.BIG, names.BIG),
    (Kind.RELATION, names.RELATIONS),
    (Kind.SUM, names.SUMS | {"neg": "", "lnot": ""}),
    (Kind.PRODUCT, names.PRODUCTS),
)
_PLAIN = {
    "\\": Node(Kind.COMMA, ","), "%": Node(Kind.PERCENT), "$": Node(Kind.MONEY, "dollar"), "degree": Node(Kind.DEGREE),
    "_": Node(Kind.BLANK),
    "pounds": Node(Kind.MONEY, "pound"), "prime": Node(Kind.NAME, "prime"),
}  # fmt: skip


def _other_script(char: str) -> Node:
    """A styled digit or Greek letter."""
    if char.isascii():
        return Node(Kind.NUMBER, char)
    if char not in _SINGLE:
        raise UnreadableLatexError(f"no spoken form for {char!r}")
    return _SINGLE[char]


def command(name: str) -> Node | None:
    """The node of a command that takes no arguments, None for others."""
    if name in _PLAIN:
        return _PLAIN[name]
    if name in names.DOTS:
        return Node(Kind.DOTS, name)
    if name in names.NAMED_SHAPES:
        return Node(Kind.SHAPE, names.NAMED_SHAPES[name])
    for kind, table in _NAMED:
        if name in table:
            return Node(kind, name)
    if name in _SET_COMMANDS:
        return Node(Kind.NAME, names.SETS[name[0]])
    return Node(Kind.NAME, names.LETTERS[name]) if name in names.LETTERS else None


_GREEK_CHARS = {chr(0x3B1 + i): name for i, name in enumerate(names.GREEK.replace("sigma", "sigma sigma").split())}


_SET_COMMANDS = frozenset("RZNQC") | {2 * letter for letter in "RZNQC"}
"""What authors name the sets of numbers: \\R, \\RR."""
_SINGLE = {
    ",": Node(Kind.COMMA, ","), ";": Node(Kind.COMMA, ";"), ".": Node(Kind.COMMA, "."), "?": Node(Kind.COMMA, "?"),
    ":": Node(Kind.COLON), "°": Node(Kind.DEGREE), "∞": Node(Kind.NAME, "infinity"), "…": Node(Kind.DOTS),
    "£": Node(Kind.MONEY, "pound"), "€": Node(Kind.MONEY, "euro"),
}  # fmt: skip
_SINGLE |= {c: Node(Kind.NAME, name) for c, name in _GREEK_CHARS.items()}
_SINGLE |= {c.upper(): Node(Kind.NAME, f"capital {name}") for c, name in _GREEK_CHARS.items()}
_ENCLOSED = re.compile(
    r"(?:DOUBLE )?(CIRCLED|PARENTHESIZED) (?:LATIN (?:CAPITAL|SMALL) LETTER|DIGIT|NUMBER) ([A-Z ]+)\Z"
)
_COMMAND_CHARS = {
    "∑": "sum", "∏": "prod", "∐": "coprod", "∫": "int", "∬": "iint", "∭": "iiint", "∮": "oint", "⋂": "bigcap",
    "⋃": "bigcup", "∂": "partial", "∇": "nabla", "∅": "emptyset", "∆": "Delta", "∀": "forall", "∃": "exists",
    "∄": "nexists", "ℏ": "hbar", "ℓ": "ell", "ℵ": "aleph", "∉": "notin", "∋": "ni", "⊂": "subset", "⊆": "subseteq",
    "⊃": "supset", "⊇": "supseteq", "∪": "cup", "∩": "cap", "∖": "setminus", "∧": "wedge", "∨": "vee", "¬": "neg",
    "∼": "sim", "≃": "simeq", "≅": "cong", "∝": "propto", "≪": "ll", "≫": "gg", "≲": "lesssim", "≳": "gtrsim",
    "⊥": "perp", "∥": "parallel", "∣": "mid", "∤": "nmid", "←": "leftarrow", "↔": "leftrightarrow", "⇔": "iff",
    "⇐": "Leftarrow", "↦": "mapsto", "↗": "nearrow", "↘": "searrow", "↑": "uparrow", "↓": "downarrow", "∓": "mp",
    "⊕": "oplus", "⊗": "otimes", "⊙": "odot", "∘": "circ", "⋅": "cdot", "∗": "ast", "⋆": "star", "•": "bullet",
    "∠": "angle", "△": "triangle", "□": "square", "◇": "diamond", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots",
    "∴": "therefore", "∵": "because", "≺": "prec", "≻": "succ", "†": "dagger", "≔": "coloneqq", "ϝ": "digamma",
    "ℝ": "R", "ℤ": "Z", "ℕ": "N", "ℚ": "Q", "ℂ": "C",
}  # fmt: skip
"""Signs of Unicode that are said as the command for them is."""


def character(char: str, *, after_operand: bool) -> Node | None:
    """The node of a single sign, None where it is only spacing.

    Raises:
        UnreadableLatexError: the sign has no spoken form.
    """
    for kind, table in _SIGNS:
        if char in table and char != "&":
            return Node(kind, char)
    if char == "!":
        return Node(Kind.FACTORIAL) if after_operand else Node(Kind.COMMA, char)
    if char in '"`~&':
        return None
    if char in _SINGLE:
        return _SINGLE[char]
    return _beyond_latex(char)


def _beyond_latex(char: str) -> Node:
    """A sign of Unicode for which LaTeX has a command, or a letter or digit in another style."""
    enclosed = _ENCLOSED.match(unicodedata.name(char, ""))
    if enclosed:
        return Node(Kind.NAME, f"{enclosed[1]} {enclosed[2]}".lower())
    plain = unicodedata.normalize("NFKC", char)
    meant = _COMMAND_CHARS.get(char) or _COMMAND_CHARS.get(plain)
    named = command(meant) if meant else None
    if named is not None:
        return named
    if plain == char or len(plain) != 1 or not (plain.isalpha() or plain.isdigit()):
        raise UnreadableLatexError(f"no spoken form for {char!r}")
    return Node(Kind.LETTER, plain) if plain.isascii() and plain.isalpha() else _other_script(plain)
