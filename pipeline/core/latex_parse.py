r"""Tokens -> expression tree: the arguments of commands, what a script hangs on, which brackets pair.

The tree is what the formula looks like, still without speech: `core.latex_read` decides how it is said.
"""

from collections.abc import Callable
from dataclasses import replace

from pipeline.core import latex_symbols as names
from pipeline.core.latex_enclosures import CANCELLATIONS, enclosure
from pipeline.core.latex_environments import environment, prose
from pipeline.core.latex_node import OPERANDS, Kind, Node, Row
from pipeline.core.latex_signs import character, command
from pipeline.core.latex_tokens import Token, TokenKind, UnreadableLatexError

_FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac"))
_BINOMIALS = frozenset(("binom", "dbinom", "tbinom"))
_DROPPED_ARGUMENTS = {
    "hspace": 1, "vspace": 1, "rule": 2, "renewcommand": 2, "label": 1, "tag": 1, "phantom": 1, "hphantom": 1,
    "vphantom": 1, "color": 1, "textcolor": 1, "cline": 1, "setlength": 2, "multicolumn": 2, "hspace*": 1,
    "fontsize": 2, "arraystretch": 1, "kern": 1, "raisebox": 1, "mathchoice": 3, "colorbox": 1,
}  # fmt: skip
_BOLD = frozenset(("mathbf", "boldsymbol", "bm", "bold", "pmb", "vec"))
_SPELLED = frozenset(("sin", "cos", "tan", "cot", "log", "ln", "lim", "gcd", "lcm", "arcsin", "arccos", "arctan"))
_INITIALS = frozenset(name[0] for name in _SPELLED)
_WRAPPED = {"abs": "absolute", "norm": "norm", "ceil": "ceiling", "floor": "floor"}
_DIRAC = ("ket", "bra")
_UPRIGHT = ("mathrm", "operatorname", "mathop", "rm", "mathit", "mathsf", "operatorname*")
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
        elif argument and all(n.kind is Kind.GROUP and not n.args and n.primes for n in argument):
            nodes[-1] = replace(base, primes=base.primes + sum(n.primes for n in argument))
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
            return environment(token, parse)
        if token.kind is TokenKind.CHAR:
            return self._char(token.text, nodes)
        return self._command(token.text, nodes)

    def _braces(self, token: Token) -> Node | None:
        inner = parse(token.inner)
        if len(inner) == 1 and inner[0].kind not in (Kind.SUM, Kind.PRODUCT):
            return inner[0] if not (inner[0].sup or inner[0].sub) else Node(Kind.GROUP, args=(inner,))
        return Node(Kind.GROUP, args=(inner,)) if inner else None

    def _char(self, char: str, nodes: list[Node]) -> Node | None:
        if char in names.FENCES:
            return self._fenced(names.FENCES[char], names.CLOSERS)
        if char == "|":
            return self._bar("|", nodes)
        if char.isascii() and char.isalpha():
            return self._spelled(char, nodes) or Node(Kind.LETTER, char)
        if char == ":" and self.at < len(self.source) and self.source[self.at].text == "=":
            self.at += 1
            return Node(Kind.RELATION, ":=")
        return character(char, after_operand=bool(nodes) and nodes[-1].kind in OPERANDS)

    def _spelled(self, char: str, nodes: list[Node]) -> Node | None:
        """A function whose backslash was forgotten: its letters, with no other letter beside them."""
        if char not in _INITIALS or (nodes and nodes[-1].kind is Kind.LETTER and not (nodes[-1].sub or nodes[-1].sup)):
            return None
        end = self.at
        while end < len(self.source) and self.source[end].kind is TokenKind.CHAR and self.source[end].text.isalpha():
            end += 1
        name = char + "".join(t.text for t in self.source[self.at : end])
        if name not in _SPELLED or end == len(self.source):
            return None
        self.at = end
        return Node(Kind.FUNCTION, name)

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
        simple = command(name)
        if simple is not None:
            return simple
        if name in names.FENCES:
            return self._fenced(names.FENCES[name], names.CLOSERS)
        if name in ("|", "vert", "Vert"):
            return self._bar("|" if name == "vert" else "‖", nodes)
        construct = _CONSTRUCTS.get(name)
        if construct is not None:
            return construct(self, name)
        if name in _DROPPED_ARGUMENTS:
            self._drop(_DROPPED_ARGUMENTS[name])
        elif name not in names.STYLES:
            raise UnreadableLatexError(f"no spoken form for \\{name}")
        return None

    def fraction(self, name: str) -> Node:
        """A fraction or binomial."""
        top = self.argument(f"\\{name}")
        return Node(Kind.FRACTION if name in _FRACTIONS else Kind.CHOOSE, args=(top, self.argument(f"\\{name}")))

    def blackboard(self, name: str) -> Node:
        r"""Read \mathbb{R} and its like as sets of numbers."""
        inner = self.argument(f"\\{name}")
        letter = inner[0].text if len(inner) == 1 else ""
        return Node(Kind.NAME, names.SETS[letter]) if letter in names.SETS else Node(Kind.GROUP, args=(inner,))

    def bold(self, name: str) -> Node:
        """Letters of vectors and matrices."""
        inner = tuple(replace(n, bold=True) for n in self.argument(f"\\{name}"))
        return inner[0] if len(inner) == 1 else Node(Kind.GROUP, args=(inner,))

    def modulo(self, name: str) -> Node:
        r"""The bracket of a congruence, \pmod{n}."""
        return Node(Kind.MODULO, args=(self.argument(f"\\{name}"),))

    def stacked(self, name: str) -> Node:
        """One thing above another."""
        return self._stacked(name, self.argument(f"\\{name}"))

    def _drop(self, count: int) -> None:
        for _ in range(count):
            if self.at < len(self.source):
                self.at += 1

    def root(self, _: str) -> Node:
        """A root with or without its index."""
        if self.at < len(self.source) and _sign(self.source[self.at]) == "[":
            self.at += 1
            index = self.row(("]",))
            self.at += 1
            return Node(Kind.ROOT, args=(self.argument("\\sqrt"), index))
        return Node(Kind.ROOT, args=(self.argument("\\sqrt"),))

    def text(self, name: str) -> Node:
        """Words, as they stand in the source."""
        if self.at >= len(self.source):
            raise UnreadableLatexError(f"\\{name} lacks an argument")
        token = self.source[self.at]
        self.at += 1
        if "$" in token.text.replace("\\$", "") or "\\(" in token.text:
            return Node(Kind.GROUP, args=(prose(token.text, parse),))
        return Node(Kind.TEXT, token.text)

    def accent(self, name: str) -> Node:
        """Something over or under an argument."""
        return Node(Kind.ACCENT, name, (self.argument(f"\\{name}"),), bold=name in ("vec", "overrightarrow"))

    def enclosed(self, name: str) -> Node:
        """A term with something drawn around or through it."""
        notations = CANCELLATIONS.get(name)
        if notations is None:
            notations = self.source[self.at].text if self.at < len(self.source) else ""
            self.at += 1
        words = enclosure(notations)
        if words is None:
            raise UnreadableLatexError(f"no spoken form for \\{name}{{{notations}}}")
        return Node(Kind.ENCLOSED, words, (self.argument(f"\\{name}"),))

    def _stacked(self, name: str, above: Row) -> Node:
        base = self.argument(f"\\{name}")
        sign = above[0].text if len(above) == 1 else ""
        if name == "cancelto":
            return Node(Kind.GROUP, args=(base,))
        if sign in ("frown", "rightarrow", "leftrightarrow"):
            accent = {"frown": "overarc", "rightarrow": "vec", "leftrightarrow": "overleftrightarrow"}[sign]
            return Node(Kind.ACCENT, accent, (base,))
        raise UnreadableLatexError(f"no spoken form for \\{name}")

    def braced(self, name: str) -> Node:
        """A brace with a label in words, which is said after a pause; another label has no spoken form."""
        base = self.argument(f"\\{name}")
        if self.at < len(self.source) and _sign(self.source[self.at]) in ("_", "^"):
            self.at += 1
            label = self.argument(f"\\{name}")
            if not any(n.kind is Kind.TEXT for n in label):
                raise UnreadableLatexError(f"no spoken form for a label of \\{name}")
            base = (*base, Node(Kind.COMMA, ","), *label)
        return Node(Kind.GROUP, args=(base,))

    def upright(self, name: str) -> Node | None:
        """Letters in upright type are a word or unit, not a product of variables."""
        if self.at >= len(self.source):
            return None
        token = self.source[self.at]
        if token.kind is not TokenKind.GROUP:
            return self._switched() if name == "rm" else None
        self.at += 1
        word = token.text.strip()
        plain = word.replace("\\,", " ").replace("\\ ", " ").replace("~", " ").strip()
        if plain in names.FUNCTIONS:
            return Node(Kind.FUNCTION, plain)
        if len(plain) > 1 and all(c.isalpha() or c in " ./" for c in plain):
            return Node(Kind.FUNCTION if name.startswith("operatorname") else Kind.TEXT, plain)
        inner = parse(token.inner)
        return inner[0] if len(inner) == 1 else Node(Kind.GROUP, args=(inner,))

    def _switched(self) -> Node | None:
        r"""The word after a switch to upright type, {\rm max}; a single letter is a letter."""
        end = self.at
        while end < len(self.source) and self.source[end].kind is TokenKind.CHAR and self.source[end].text.isalpha():
            end += 1
        word = "".join(t.text for t in self.source[self.at : end])
        if len(word) < 2:
            return None
        self.at = end
        return Node(Kind.FUNCTION if word in names.FUNCTIONS else Kind.TEXT, word)

    def wrapped(self, name: str) -> Node:
        r"""Read \abs{x} and \norm{x}."""
        return Node(Kind.GROUP, _WRAPPED[name], (self.argument(f"\\{name}"),))

    def dirac(self, name: str) -> Node:
        r"""Read \ket{x} as "ket x"."""
        return Node(Kind.GROUP, args=((Node(Kind.TEXT, name), *self.argument(f"\\{name}")),))

    def negated(self, _: str) -> Node:
        r"""The relation that \not strikes out."""
        relation = self.argument("\\not")
        text = relation[0].text if relation else ""
        if not relation or relation[0].kind is not Kind.RELATION or text not in names.NEGATED:
            raise UnreadableLatexError(f"no spoken form for \\not before {text!r}")
        return Node(Kind.RELATION, f"not {text}")

    def left(self, _: str) -> Node:
        r"""Read \left x ... \right y; a full stop is an invisible sign."""
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


_CONSTRUCTS: dict[str, Callable[[_Reader, str], Node | None]] = {
    **dict.fromkeys(_FRACTIONS | _BINOMIALS, _Reader.fraction),
    **dict.fromkeys(names.ACCENTS, _Reader.accent),
    **dict.fromkeys(_BOLD - {"vec"}, _Reader.bold),
    **dict.fromkeys(names.TEXTS, _Reader.text),
    **dict.fromkeys(_UPRIGHT, _Reader.upright),
    **dict.fromkeys(("mathbb", "Bbb"), _Reader.blackboard),
    **dict.fromkeys(("pmod", "pod"), _Reader.modulo),
    **dict.fromkeys(("stackrel", "underset", "overset", "cancelto"), _Reader.stacked),
    **dict.fromkeys(("underbrace", "overbrace"), _Reader.braced),
    **dict.fromkeys(_DIRAC, _Reader.dirac),
    **dict.fromkeys(_WRAPPED, _Reader.wrapped),
    **dict.fromkeys(("enclose", *CANCELLATIONS), _Reader.enclosed),
    "sqrt": _Reader.root,
    "left": _Reader.left,
    "not": _Reader.negated,
}


def _sign(token: Token) -> str:
    """What a closing sign is compared with."""
    if token.kind is TokenKind.COMMAND:
        return {"|": "‖", "vert": "|", "Vert": "‖", "mid": "\\mid", "lbrace": "{"}.get(token.text, token.text)
    return token.text if token.kind is TokenKind.CHAR else ""
