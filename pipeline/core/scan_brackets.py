"""Which bars, floors and commas of written arithmetic are brackets and calls: "|3 - 5|", "⌊7/2⌋", "gcd(12, 18)".

It sees tokens after words have been told from operators; what the brackets are worth is `core.expression`.
"""

from pipeline.core.scan_token import APPROX, BREAK, CLOSE, EQUALS, NUMBER, OPEN, OPERATOR, VARIABLE, Token

CALLS = frozenset({"gcd", "lcm", "max", "min", "C"})
"""Functions of several numbers; C(5, 2) counts choices."""
BARS = "|⌊⌈⌋⌉"
"""Marks of absolute value, floor and ceiling: a text without them needs no pairing."""
_OPENS = {"⌊": "⌋", "⌈": "⌉"}
_ENDS_OPERAND = (NUMBER, VARIABLE, CLOSE)


def paired(tokens: list[Token]) -> list[Token]:
    """The tokens with their bars as brackets; a bar without a partner stays a break."""
    out = list(tokens)
    open_at: list[int] = []
    for at, token in enumerate(tokens):
        if token.sort is not BREAK or token.text not in BARS:
            if token.sort in (EQUALS, APPROX):
                open_at.clear()
            continue
        after_operand = at > 0 and (out[at - 1].sort in _ENDS_OPERAND or out[at - 1].text == "!")
        if token.text in _OPENS or (token.text == "|" and not after_operand):
            open_at.append(at)
        elif open_at and _OPENS.get(tokens[open_at[-1]].text, "|") == token.text:
            opening = open_at.pop()
            out[opening] = tokens[opening]._replace(sort=OPEN)
            out[at] = token._replace(sort=CLOSE)
    return out


def call(out: list[Token]) -> None:
    """Turn the commas between the brackets that end `out` into operators where a call precedes them."""
    depth = 0
    commas: list[int] = []
    for at in range(len(out) - 1, 0, -1):
        token = out[at]
        depth += (token.sort is CLOSE) - (token.sort is OPEN)
        if depth == 0:
            break
        if token.text == "," and depth == 1:
            commas.append(at)
        elif token.sort is BREAK:
            return
    else:
        return
    name = out[at - 1]
    if not commas or name.text not in CALLS or (name.text == "C" and name.end != token.start):
        return
    for comma in commas:
        out[comma] = out[comma]._replace(sort=OPERATOR)
    out[at - 1] = name._replace(sort=OPERATOR)
