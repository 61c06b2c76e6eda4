r"""LaTeX as plain written mathematics: `\frac{3}{4} \cdot 8 = \boxed{6}` as `3/4 * 8 = 6`.

For silent reasoning and for finding equations, where layout says nothing. What it does not know loses its backslash
and stays a name, which arithmetic takes for a letter: nothing turns into a number that was none. How mathematics is
spoken is `core.latex`.
"""

import re
from functools import lru_cache

from pipeline.core.mathtext import segments
from pipeline.core.plain_factors import joined, multiplied

_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\}"
"""Braces nested four deep: no textbook formula goes deeper where it matters."""
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*" + _GROUP)
_FRACTION = re.compile(
    r"\\[dtc]?frac\s*(?:" + _GROUP + r"|(\d))\s*(?:" + _GROUP + r"|(\d))"
    r"(?: +(?=[a-zα-ω](?![A-Za-z])|\(|\\(?!text|mbox|mathrm)))?"
)
"""The blank between it and a factor goes with it: TeX gives it no meaning."""
_BINOMIAL = re.compile(r"\\[dt]?binom\s*(?:" + _GROUP + r"|(\d))\s*(?:" + _GROUP + r"|(\d))")
_CANCELLED = re.compile(r"\\(?:[bx]?cancel|cancelto\s*\{[^{}]*\})\s*" + _GROUP)
_REPEATING = re.compile(r"(\d*\.\d*)\s*\\overline\s*(?:\{(\d+)\}|(\d))")
_DRAWING = re.compile(r"\[asy\].*?\[/asy\]", re.DOTALL)
_ROOT = re.compile(r"\\sqrt\s*(?:\[([^\]]*)\])?\s*(?:" + _GROUP + r"|(\w))")
_TEXT = re.compile(
    r"\\(?:text|textbf|textit|textrm|mbox|mathrm|mathbf|mathit|mathsf|operatorname|overline|underline|widehat|hat|vec)\*?\s*"
    + _GROUP
)
_DEGREES = re.compile(r"\s*\^\s*\{?\s*\\circ\s*\}?")
_POWER = re.compile(r"\^\s*" + _GROUP)
_INDEX = re.compile(r"_\s*" + _GROUP)
_THOUSANDS = re.compile(r"(?<=\d)(?:\{,\}|\\,|,\\!|\\!,\\!)(?=\d{3})")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{[^}]*\}(?:\[[^\]]*\]|\{[lcr|]*\})?")
_SIZE = re.compile(
    r"\\(?:left|right|[bB]ig+[lrm]?|displaystyle|limits|nolimits|quad|qquad|phantom|hfill|hline)(?![A-Za-z])"
)
_SPACE = re.compile(r"\\[ ,;:!]|(?<!\\)~")
_BREAK = re.compile(
    r"\\\\(?:\[[^\]]*\])?|\\(?:implies|Rightarrow|Longrightarrow|iff|Leftrightarrow|therefore|because)(?![A-Za-z])"
)
_WORDS = {
    "cdot": "*", "times": "*", "div": "/", "ast": "*", "pm": "±", "mp": "∓", "le": "≤", "leq": "≤", "ge": "≥",
    "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "equiv": "≡", "pi": "π", "infty": "∞", "to": "→",
    "rightarrow": "→", "degree": "°", "circ": "°", "angle": "∠", "triangle": "△", "ldots": "…", "dots": "…",
    "cdots": "…", "lt": "<", "gt": ">", "mid": "|",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "cup": "∪", "cap": "∩", "in": "∈", "perp": "⊥",
    "parallel": "∥", "sim": "~", "cong": "≅", "colon": ":", "lbrace": "(", "rbrace": ")", "backslash": " ",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
_SIMPLE = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]")
_MAX_PASSES = 6
"""Nested fractions and roots are undone from outside in, one level a pass."""


@lru_cache(maxsize=32)
def plain_math(text: str) -> str:
    """A text with its formulas as plain written mathematics and without drawings; one without both stays as it is."""
    text = _DRAWING.sub("", text)
    if "\\" not in text and text.count("$") < 2:
        return text
    pieces: list[str] = []
    for segment in segments(text):
        if not segment.is_math:
            pieces.append(segment.text)
            continue
        display = text.startswith(("$$", "\\[", "\\begin"), segment.start)
        formula = plain_formula(segment.text)
        pieces.append(f"\n{formula}\n" if display else formula)
    return "".join(pieces)


def plain_formula(tex: str) -> str:
    """One formula without its delimiters as plain written mathematics."""
    tex = multiplied(_REPEATING.sub(_repeating, _THOUSANDS.sub(",", tex)))
    tex = _SIZE.sub("", _ENVIRONMENT.sub("\n", _BREAK.sub("\n", tex)))
    tex = _SPACE.sub(" ", _DEGREES.sub("°", tex)).replace("\\%", "%").replace("\\$", "$").replace("&", "")
    tex = _COMMAND.sub(lambda m: f" {_WORDS[m[1]]} " if m[1] in _WORDS else m[0], tex)
    for _ in range(_MAX_PASSES):
        before = tex
        tex = _CANCELLED.sub(r"\1", _BOXED.sub(r"\1", tex))
        tex = _TEXT.sub(r" \1", tex)
        tex = _BINOMIAL.sub(_binomial, tex)
        tex = _FRACTION.sub(_fraction, tex)
        tex = _ROOT.sub(_root, tex)
        if tex == before:
            break
    tex = _POWER.sub(lambda m: f"^{_grouped(m[1])}", tex)
    tex = _INDEX.sub(lambda m: "_" + re.sub(r"\W+", "", m[1]), tex)
    tex = _COMMAND.sub(r" \1 ", tex)
    tex = re.sub(r" +(?=[_^])", "", tex)
    tex = tex.replace("\\{", "(").replace("\\}", ")").replace("{", "(").replace("}", ")").replace("\\|", "|")
    tex = re.sub(r"[^\S\n]+", " ", tex.replace("\\", ""))
    return joined(re.sub(r"(?<=\() | (?=[).,;])", "", tex).strip())


def _grouped(inner: str) -> str:
    inner = inner.strip()
    return inner if _SIMPLE.fullmatch(inner) else f"({inner})"


def _fraction(match: re.Match[str]) -> str:
    top, bottom = match[1] if match[1] is not None else match[2], match[3] if match[3] is not None else match[4]
    value = f"{_grouped(top)}/{_grouped(bottom)}"
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    if before.isdigit() and top.strip().isdigit() and bottom.strip().isdigit():
        return f" {value}"  # 3\frac{1}{2} is a mixed number
    return (
        f"({value})"
        if before == "^" or before.isalnum() or before == ")" or after.isalnum() or (after in "^(\\" and after)
        else value
    )


def _repeating(match: re.Match[str]) -> str:
    """A repeating decimal as far as the eye needs it; with its dots it has no value that could be wrong."""
    return match[1] + (match[2] or match[3]) * 2 + "…"


def _binomial(match: re.Match[str]) -> str:
    n, k = (match[1] or match[2]).strip(), (match[3] or match[4]).strip()
    if n.isdigit() and k.isdigit() and int(k) <= int(n):
        return f"({n}!/({k}! * {int(n) - int(k)}!))"
    return f"({_grouped(n)} choose {_grouped(k)})"


def _root(match: re.Match[str]) -> str:
    inner = match[2] if match[2] is not None else match[3]
    if match[1] and match[1].strip() != "2":
        return f" root_{re.sub(r'[^0-9A-Za-z]', '', match[1])}({inner})"
    return f" sqrt({inner})"
