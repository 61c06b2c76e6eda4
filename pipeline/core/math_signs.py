"""What the signs of mathematics in plain text are called: comparisons, bars, roots, factorials, Greek letters.

Signs that prose has too, hyphens and slashes, are `core.signs`.
"""

from pipeline.core.operands import Said, ends_operand, in_equation, is_mathematical, line_start, opens_operand
from pipeline.core.phrases import Phrase, phrase_at
from pipeline.core.tokens import LINE, WORD, Tokens

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip


def _compare(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    less = t.words[i] == "<"
    which = ", which" if _is_chained(t, i) else ""
    if t.words[i + 1] == "=" and t.glued(i + 1):
        return Said(f"{which} is at most " if less else f"{which} is at least ", i + 2)
    if less and t.words[i + 1] == ">" and t.glued(i + 1):
        return Said(" is not equal to ", i + 2)
    if not less and line_start(t, i):
        return Said("", i + 1)
    if before is None and not ends_operand(t, i - 1) and not opens_operand(t, i + 1):
        return None
    return Said(f"{which} is {'less' if less else 'greater'} than ", i + 1)


def _at_most(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    which = ", which" if _is_chained(t, i) else ""
    return Said(f"{which} is at {'most' if t.words[i] == '≤' else 'least'} ", i + 1)


def _is_chained(t: Tokens, i: int) -> bool:
    """Whether another comparison stands before the one at `i` in the same clause: "1 < x < 5"."""
    for j in range(i - 1, -1, -1):
        if t.words[j] in ("<", ">", "≤", "≥"):
            return True
        if (
            t.kinds[j] == LINE
            or t.words[j] in (",", ";", "?", "and", "or", "&")
            or (t.words[j] == "." and not t.glued(j + 1))
        ):
            return False
    return False


def _bar(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    """One of two bars around an operand: its absolute value."""
    del before
    bars = [j for j in range(t.count) if t.words[j] == "|"]
    at = bars.index(i)
    if at % 2:
        return Said(", ", i + 1) if _is_enclosed(t, bars[at - 1], i) else None
    if at + 1 == len(bars) or not _is_enclosed(t, i, bars[at + 1]):
        return None
    inner = phrase_at(t, i + 1)
    single = bars[at + 1] == i + 2 or (inner is not None and inner.next == bars[at + 1])
    return Said(f" the absolute value of {'' if single else 'the quantity '}", i + 1)


def _is_enclosed(t: Tokens, i: int, close: int) -> bool:
    """Whether the tokens between two bars are mathematics."""
    inner = range(i + 1, close)
    return bool(inner) and all(
        t.kinds[j] != LINE and (t.kinds[j] != WORD or is_mathematical(t.words[j])) for j in inner
    )


def _root(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    factor = t.glued(i) and (before is not None or ends_operand(t, i - 1))
    return Said(f"{' times' if factor else ''} the {'cube' if t.words[i] == '∛' else 'square'} root of ", i + 1)


def _bang(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    """A factorial before an operator, a bracket or another mark; else the mark that ends a sentence."""
    operand = t.glued(i) and (before is not None or (len(t.words[i - 1]) == 1 and ends_operand(t, i - 1)))
    goes_on = t.words[i + 1] in ("=", "/", "+", "*", "×", "÷", "·", "-", ")", "?", ".", ",", "<", ">")
    again = "!" in t.words[:i] and in_equation(t, i)
    return Said(" factorial", i + 1) if operand and (goes_on or again) else Said("!", i + 1)


def _tilde(t: Tokens, i: int, before: Phrase | None) -> Said | None:
    del before
    return Said(" is similar to " if t.words[i + 1] == "△" else " about ", i + 1)


MATH_SPEAKERS = {
    "<": _compare,
    ">": _compare,
    "≤": _at_most,
    "≥": _at_most,
    "|": _bar,
    "√": _root,
    "∛": _root,
    "!": _bang,
    "~": _tilde,
}
