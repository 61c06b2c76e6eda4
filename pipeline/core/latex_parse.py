r"""Tokens -> expression tree: which arguments a command takes, what a script hangs on, which bars and brackets pair.

The tree is what the formula looks like, still without speech: `core.latex_read` decides how it is said.
"""

from dataclasses import dataclass, replace
from enum import Enum

from pipeline.core import latex_symbols as names
from pipeline.core.latex_tokens import Token, TokenKind, UnreadableLatexError


class Kind(Enum):
    """What a node is."""

    NUMBER = "number"
    LETTER = "letter"
    NAME = "name"
    """A thing that is said by its name: a Greek letter, infinity, a set of numbers."""
    FUNCTION = "function"
    BIG = "big"
    SUM = "sum"
    PRODUCT = "product"
    RELATION = "relation"
    COMMA = "comma"
    COLON = "colon"
    GROUP = "group"
    """text = opening and closing sign; "" is an invisible pair of braces."""
    FRACTION = "fraction"
    ROOT = "root"
    CHOOSE = "choose"
    ACCENT = "accent"
    TEXT = "text"
    MATRIX = "matrix"
    CASES = "cases"
    LINES = "lines"
    DOTS = "dots"
    PERCENT = "percent"
    MONEY = "money"
    SHAPE = "shape"
    FACTORIAL = "factorial"
    MODULO = "modulo"
    DEGREE = "degree"
    BLANK = "blank"


Row = tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One sign or construction with its scripts."""

    kind: Kind
    text: str = ""
    args: tuple[Row, ...] = ()
    sub: Row | None = None
    sup: Row | None = None
    primes: int = 0
    bold: bool = False
    columns: int = 0
    """Cells per row of a MATRIX, CASES or LINES, whose `args` are its cells row by row."""


OPERANDS = frozenset(
    (Kind.NUMBER, Kind.LETTER, Kind.NAME, Kind.GROUP, Kind.FRACTION, Kind.ROOT, Kind.CHOOSE, Kind.ACCENT, Kind.TEXT,
     Kind.MATRIX, Kind.PERCENT, Kind.FACTORIAL, Kind.DEGREE, Kind.DOTS, Kind.FUNCTION, Kind.BLANK)
)  # fmt: skip

_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac"))
_BINOMIALS = frozenset(("binom", "dbinom", "tbinom"))
_DROPPED_ARGUMENTS = {
    "hspace": 1, "vspace": 1, "rule": 2, "renewcommand": 2, "label": 1, "tag": 1, "phantom": 1, "hphantom": 1,
    "vphantom": 1, "color": 1, "textcolor": 1, "cline": 1, "setlength": 2, "multicolumn": 2, "hspace*": 1,
    "fontsize": 2, "arraystretch": 1, "kern": 1, "raisebox": 1, "mathchoice": 3, "colorbox": 1,
}  # fmt: skip
_MATRICES = frozenset(("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix", "array"))
_LINES = frozenset(
    ("align", "align*", "aligned", "alignedat", "eqnarray", "eqnarray*", "gather", "gather*", "gathered", "split",
     "equation", "equation*", "multline", "multline*", "alignat", "alignat*", "displaymath", "math", "flalign*",
     "center", "subequations", "flushleft", "tabular", "tabular*", "enumerate", "itemize", "table")
)  # fmt: skip
_WITH_ARGUMENT = frozenset(("array", "tabular", "alignat", "alignat*", "alignedat", "tabular*"))
_BOLD = frozenset(("mathbf", "boldsymbol", "bm", "bold", "pmb", "vec"))
_SCRIPTS = "^_'"


def parse(source: tuple[Token, ...]) -> Row:
    """The tree of a fragment.

    Raises:
        UnreadableLatexError: a command is unknown or lacks its argument, or brackets do not pair.
    """
    reader = _Reader(source)
    row = reader.row(())
    if reader.at < len(source):
        raise UnreadableLatexError(f"unmatched {source[reader.at].text!r}")
    return row


class _Reader:
    """A position in one level of tokens."""

    def __init__(self, source: tuple[Token, ...]) -> None:
        self.source = source
        self.at = 0

    def row(self, closers: tuple[str, ...]) -> Row:
        """Everything up to a closing sign, which is left standing."""
        nodes: list[Node] = []
        while self.at < len(self.source):
            token = self.source[self.at]
            if self._closes(token, closers, nodes):
                break
            infix = self._infix(token)
            if infix:
                self.at += 1
                return (Node(infix, args=(tuple(nodes), self.row(closers))),)
            self._step(token, nodes)
        return tuple(nodes)

    def _closes(self, token: Token, closers: tuple[str, ...], nodes: list[Node]) -> bool:
        if not closers:
            return False
        sign = _sign(token)
        if sign in ("|", "‖"):
            return sign in closers and bool(nodes) and nodes[-1].kind in OPERANDS
        return sign in closers

    def _infix(self, token: Token) -> Kind | None:
        if token.kind is not TokenKind.COMMAND:
            return None
        return {"over": Kind.FRACTION, "choose": Kind.CHOOSE, "atop": Kind.CHOOSE}.get(token.text)

    def _step(self, token: Token, nodes: list[Node]) -> None:
        if token.kind is TokenKind.CHAR and token.text in _SCRIPTS:
            self._script(token.text, nodes)
            return
        self.at += 1
        node = self._atom(token, nodes)
        if node is not None:
            nodes.append(node)

    # ---- Scripts ---------------------------------------------------------------------------

    def _script(self, sign: str, nodes: list[Node]) -> None:
        self.at += 1
        if not nodes or (nodes[-1].kind not in OPERANDS and nodes[-1].kind not in (Kind.BIG, Kind.SUM, Kind.SHAPE)):
            nodes.append(Node(Kind.GROUP))
        base = nodes[-1]
        if sign == "'":
            nodes[-1] = replace(base, primes=base.primes + 1)
            return
        argument = self.argument("script")
        if sign == "_":
            nodes[-1] = replace(base, sub=(base.sub or ()) + argument)
        elif argument and all(n.kind is Kind.NAME and n.text == "prime" for n in argument):
            nodes[-1] = replace(base, primes=base.primes + len(argument))
        else:
            nodes[-1] = replace(base, sup=(base.sup or ()) + argument)

    def argument(self, of: str) -> Row:
        """The next token as an argument: a group, one digit, one character, or a command with its own arguments."""
        while self.at < len(self.source):
            token = self.source[self.at]
            self.at += 1
            if token.kind is TokenKind.GROUP:
                return parse(token.inner)
            if token.kind is TokenKind.NUMBER and len(token.text) > 1:
                rest = replace(token, text=token.text[1:])
                self.source = (*self.source[: self.at], rest, *self.source[self.at :])
                return (Node(Kind.NUMBER, token.text[0]),)
            nodes: list[Node] = []
            node = self._atom(token, nodes)
            if node is not None:
                return (node,)
        raise UnreadableLatexError(f"{of} lacks an argument")

    # ---- Atoms -----------------------------------------------------------------------------

    def _atom(self, token: Token, nodes: list[Node]) -> Node | None:
        if token.kind is TokenKind.NUMBER:
            return Node(Kind.NUMBER, token.text)
        if token.kind is TokenKind.GROUP:
            return self._braces(token)
        if token.kind is TokenKind.ENVIRONMENT:
            return _environment(token)
        if token.kind is TokenKind.CHAR:
            return self._char(token.text, nodes)
        return self._command(token.text, nodes)

    def _braces(self, token: Token) -> Node | None:
        inner = parse(token.inner)
        if len(inner) == 1 and inner[0].kind not in (Kind.SUM, Kind.RELATION, Kind.PRODUCT):
            return inner[0] if not (inner[0].sup or inner[0].sub) else Node(Kind.GROUP, args=(inner,))
        return Node(Kind.GROUP, args=(inner,)) if inner else None

    def _char(self, char: str, nodes: list[Node]) -> Node | None:  # noqa: PLR0911 - one return a role
        if char.isascii() and char.isalpha():
            return Node(Kind.LETTER, char)
        if char in names.FENCES:
            return self._fenced(names.FENCES[char], names.CLOSERS)
        if char == "|":
            return self._bar("|", nodes)
        if char in names.SUMS:
            return Node(Kind.SUM, char)
        if char in names.RELATIONS:
            return Node(Kind.RELATION, char)
        if char in names.PRODUCTS and char not in "&":
            return Node(Kind.PRODUCT, char)
        return _punctuation(char, nodes)

    def _fenced(self, opening: str, closers: dict[str, str]) -> Node:
        wanted = {"(": ")]", "[": ")]", "{": "}"}.get(opening)
        inner = self.row(tuple(sign for sign, v in closers.items() if v == opening or (wanted and v in wanted)))
        if self.at >= len(self.source):
            raise UnreadableLatexError(f"unmatched {opening!r}")
        closing = closers[_sign(self.source[self.at])]
        self.at += 1
        return Node(Kind.GROUP, opening + closing if len(opening) == 1 else opening, (inner,))

    def _bar(self, sign: str, nodes: list[Node]) -> Node:
        """An absolute value where a partner follows, else "divides" or "such that"."""
        after_operand = bool(nodes) and nodes[-1].kind in OPERANDS
        start, source = self.at, self.source
        if not after_operand or self._has_partner(sign):
            inner = self.row((sign,))
            if self.at < len(self.source) and inner:
                self.at += 1
                return Node(Kind.GROUP, "absolute" if sign == "|" else "norm", (inner,))
            self.at, self.source = start, source
        return Node(Kind.RELATION, "|" if sign == "|" else "parallel")

    def _has_partner(self, sign: str) -> bool:
        return any(_sign(t) == sign for t in self.source[self.at :])

    # ---- Commands --------------------------------------------------------------------------

    def _command(self, name: str, nodes: list[Node]) -> Node | None:
        simple = _named(name)
        if simple is not None:
            return simple
        if name in _FRACTIONS or name in _BINOMIALS:
            top = self.argument(f"\\{name}")
            return Node(Kind.FRACTION if name in _FRACTIONS else Kind.CHOOSE, args=(top, self.argument(f"\\{name}")))
        if name == "sqrt":
            return self._root()
        if name in names.TEXTS:
            return self._text(name)
        if name in names.ACCENTS or name == "overset":
            return self._accent(name)
        if name in names.FENCES:
            return self._fenced(names.FENCES[name], names.CLOSERS)
        return self._structural(name, nodes)

    def _structural(self, name: str, nodes: list[Node]) -> Node | None:  # noqa: PLR0911, C901 - one case a command
        if name == "left":
            return self._left()
        if name in ("|", "vert", "Vert"):
            return self._bar("|" if name == "vert" else "‖", nodes)
        if name in ("mathbb", "Bbb"):
            inner = self.argument(f"\\{name}")
            letter = inner[0].text if len(inner) == 1 else ""
            return Node(Kind.NAME, names.SETS[letter]) if letter in names.SETS else Node(Kind.GROUP, args=(inner,))
        if name in _BOLD:
            inner = tuple(replace(n, bold=True) for n in self.argument(f"\\{name}"))
            return inner[0] if len(inner) == 1 else Node(Kind.GROUP, args=(inner,))
        if name in ("mathrm", "operatorname", "mathop", "rm", "mathit", "mathsf", "operatorname*"):
            return self._upright(name)
        if name == "not":
            return self._negated()
        if name in ("pmod", "pod"):
            return Node(Kind.MODULO, args=(self.argument(f"\\{name}"),))
        if name in _DROPPED_ARGUMENTS:
            self._drop(_DROPPED_ARGUMENTS[name])
            return None
        if name in ("stackrel", "underset", "cancelto"):
            above = self.argument(f"\\{name}")
            return self._stacked(name, above)
        if name in ("underbrace", "overbrace"):
            return self._braced(name)
        if name in names.STYLES:
            return None
        raise UnreadableLatexError(f"no spoken form for \\{name}")

    def _drop(self, count: int) -> None:
        for _ in range(count):
            if self.at < len(self.source):
                self.at += 1

    def _root(self) -> Node:
        if self.at < len(self.source) and _sign(self.source[self.at]) == "[":
            self.at += 1
            index = self.row(("]",))
            self.at += 1
            return Node(Kind.ROOT, args=(self.argument("\\sqrt"), index))
        return Node(Kind.ROOT, args=(self.argument("\\sqrt"),))

    def _text(self, name: str) -> Node:
        if self.at >= len(self.source):
            raise UnreadableLatexError(f"\\{name} lacks an argument")
        token = self.source[self.at]
        self.at += 1
        return Node(Kind.TEXT, token.text)

    def _accent(self, name: str) -> Node:
        if name == "overset":
            return self._stacked(name, self.argument("\\overset"))
        return Node(Kind.ACCENT, name, (self.argument(f"\\{name}"),), bold=name in ("vec", "overrightarrow"))

    def _stacked(self, name: str, above: Row) -> Node:
        base = self.argument(f"\\{name}")
        sign = above[0].text if len(above) == 1 else ""
        if name == "cancelto":
            return Node(Kind.GROUP, args=(base,))
        if sign in ("frown", "rightarrow", "leftrightarrow"):
            accent = {"frown": "overarc", "rightarrow": "vec", "leftrightarrow": "overleftrightarrow"}[sign]
            return Node(Kind.ACCENT, accent, (base,))
        raise UnreadableLatexError(f"no spoken form for \\{name}")

    def _braced(self, name: str) -> Node:
        """A brace with a label in words, which is said after a pause; another label has no spoken form."""
        base = self.argument(f"\\{name}")
        if self.at < len(self.source) and _sign(self.source[self.at]) in ("_", "^"):
            self.at += 1
            label = self.argument(f"\\{name}")
            if not any(n.kind is Kind.TEXT for n in label):
                raise UnreadableLatexError(f"no spoken form for a label of \\{name}")
            base = (*base, Node(Kind.COMMA, ","), *label)
        return Node(Kind.GROUP, args=(base,))

    def _upright(self, name: str) -> Node | None:
        """Letters in upright type are a word or unit, not a product of variables."""
        if self.at >= len(self.source):
            return None
        token = self.source[self.at]
        if token.kind is not TokenKind.GROUP:
            return None
        self.at += 1
        word = token.text.strip()
        plain = word.replace("\\,", " ").replace("\\ ", " ").replace("~", " ").strip()
        if plain in names.FUNCTIONS:
            return Node(Kind.FUNCTION, plain)
        if len(plain) > 1 and all(c.isalpha() or c in " ./" for c in plain):
            return Node(Kind.FUNCTION if name.startswith("operatorname") else Kind.TEXT, plain)
        inner = parse(token.inner)
        return inner[0] if len(inner) == 1 else Node(Kind.GROUP, args=(inner,))

    def _negated(self) -> Node:
        relation = self.argument("\\not")
        text = relation[0].text
        if relation[0].kind is not Kind.RELATION or text not in names.NEGATED:
            raise UnreadableLatexError(f"no spoken form for \\not before {text!r}")
        return Node(Kind.RELATION, f"not {text}")

    def _left(self) -> Node | None:
        """\\left x ... \\right y; a full stop is an invisible sign."""
        opening = self._fence_sign()
        inner = self.row(("right",))
        if self.at >= len(self.source):
            raise UnreadableLatexError("unmatched \\left")
        self.at += 1
        closing = self._fence_sign()
        if opening in ("absolute", "norm", "floor", "ceiling", "angle") and closing != ".":
            return Node(Kind.GROUP, opening, (inner,))
        if "." in (opening, closing):
            return Node(Kind.GROUP, "|" if closing == "absolute" else "", (inner,))
        return Node(Kind.GROUP, opening + closing, (inner,))

    def _fence_sign(self) -> str:
        if self.at >= len(self.source):
            raise UnreadableLatexError("\\left or \\right lacks its sign")
        token = self.source[self.at]
        if token.kind is TokenKind.NUMBER and token.text.startswith("."):
            self.source = (
                *self.source[: self.at],
                Token(TokenKind.CHAR, "."),
                Token(TokenKind.NUMBER, token.text[1:]),
                *self.source[self.at + 1 :],
            )
            token = self.source[self.at]
        self.at += 1
        sign = _sign(token)
        if sign in ("|", "‖"):
            return "absolute" if sign == "|" else "norm"
        known = names.FENCES.get(sign) or names.CLOSERS.get(sign)
        if known is None and sign != ".":
            raise UnreadableLatexError(f"no spoken form for the bracket {sign!r}")
        return known or "."


def _sign(token: Token) -> str:
    """What a closing sign is compared with."""
    if token.kind is TokenKind.COMMAND:
        return {"|": "‖", "vert": "|", "Vert": "‖", "mid": "\\mid", "lbrace": "{"}.get(token.text, token.text)
    return token.text if token.kind is TokenKind.CHAR else ""


def _named(name: str) -> Node | None:  # noqa: PLR0911 - one return a role
    if name in names.DOTS:
        return Node(Kind.DOTS, name)
    if name in names.FUNCTIONS:
        return Node(Kind.FUNCTION, name)
    if name in names.BIG:
        return Node(Kind.BIG, name)
    if name in names.NAMED_SHAPES:
        return Node(Kind.SHAPE, names.NAMED_SHAPES[name])
    if name == "prime":
        return Node(Kind.NAME, "prime")
    if name in names.RELATIONS:
        return Node(Kind.RELATION, name)
    if name in names.SUMS or name in ("neg", "lnot"):
        return Node(Kind.SUM, name)
    if name in names.PRODUCTS:
        return Node(Kind.PRODUCT, name)
    if name in names.LETTERS:
        return Node(Kind.NAME, names.LETTERS[name])
    return {
        "%": Node(Kind.PERCENT), "$": Node(Kind.MONEY, "dollar"), "degree": Node(Kind.DEGREE),
        "_": Node(Kind.BLANK), "underline{}": Node(Kind.BLANK), "pounds": Node(Kind.MONEY, "pound"),
    }.get(name)  # fmt: skip


_GREEK_CHARS = {chr(0x3B1 + i): n for i, n in enumerate("alpha beta gamma delta epsilon zeta eta theta iota kappa "
                "lambda mu nu xi omicron pi rho sigma sigma tau upsilon phi chi psi omega".split())}  # fmt: skip


def _punctuation(char: str, nodes: list[Node]) -> Node | None:  # noqa: PLR0911 - one return a sign
    if char in ",;":
        return Node(Kind.COMMA, char)
    if char == "!" and nodes and nodes[-1].kind in OPERANDS:
        return Node(Kind.FACTORIAL)
    if char == ":":
        return Node(Kind.COLON)
    if char in ".?!\"`~":
        return Node(Kind.COMMA, char) if char in ".?!" else None
    if char == "°":
        return Node(Kind.DEGREE)
    if char == "∞":
        return Node(Kind.NAME, "infinity")
    if char == "…":
        return Node(Kind.DOTS)
    if char in _GREEK_CHARS:
        return Node(Kind.NAME, _GREEK_CHARS[char])
    if char == "£":
        return Node(Kind.MONEY, "pound")
    if char == "€":
        return Node(Kind.MONEY, "euro")
    if char == "&":
        return None
    raise UnreadableLatexError(f"no spoken form for {char!r}")


def _environment(token: Token) -> Node:
    name, inner = token.text, token.inner
    if name in _WITH_ARGUMENT and inner and inner[0].kind is TokenKind.GROUP:
        inner = inner[1:]
    if name == "tabular*" and inner and inner[0].kind is TokenKind.GROUP:
        inner = inner[1:]
    rows = _rows(inner)
    width = max((len(r) for r in rows), default=0)
    cells = tuple(cell for row in rows for cell in (*row, *((),) * (width - len(row))))
    if name in _MATRICES:
        return Node(Kind.MATRIX, name, cells, columns=width)
    if name in ("cases", "dcases", "rcases"):
        return Node(Kind.CASES, name, cells, columns=width)
    if name in _LINES:
        return Node(Kind.LINES, name, cells, columns=width)
    raise UnreadableLatexError(f"no spoken form for the environment {name}")


def _rows(inner: tuple[Token, ...]) -> list[list[Row]]:
    rows: list[list[list[Token]]] = [[[]]]
    in_length = False
    for before, token in zip((None, *inner), inner, strict=False):
        in_length = _is_length(before, token, in_length)
        if in_length:
            continue
        if token.kind is TokenKind.COMMAND and token.text in ("\\", "tabularnewline", "cr"):
            rows.append([[]])
        elif token.kind is TokenKind.CHAR and token.text == "&":
            rows[-1].append([])
        else:
            rows[-1][-1].append(token)
    parsed = [[parse(tuple(cell)) for cell in row] for row in rows]
    return [row for row in parsed if any(row)]


def _is_length(before: Token | None, token: Token, in_length: bool) -> bool:
    """Whether a token belongs to the optional length after a line break."""
    if in_length:
        return before is None or before.text != "]"
    return token.text == "[" and before is not None and before.text == "\\"
