"""MathML -> LaTeX, as far as the spoken gold needs it: presentation elements without attributes."""

from xml.etree import ElementTree as ET

_SIGNS = {
    "−": "-", "×": "\\times ", "÷": "\\div ", "⋅": "\\cdot ", "·": "\\cdot ", "≤": "\\le ", "≥": "\\ge ", "≠": "\\ne ",
    "±": "\\pm ", "∓": "\\mp ", "∞": "\\infty ", "∑": "\\sum ", "∏": "\\prod ", "∫": "\\int ", "∈": "\\in ",
    "∪": "\\cup ", "∩": "\\cap ", "⊂": "\\subset ", "→": "\\to ", "°": "^\\circ ", "′": "'", "″": "''", "…": "\\ldots ",
    "⋯": "\\cdots ", "{": "\\{", "}": "\\}", "∠": "\\angle ", "△": "\\triangle ", "⊥": "\\perp ", "∥": "\\parallel ",
    "≅": "\\cong ", "≈": "\\approx ", "∼": "\\sim ", "%": "\\%", "$": "\\$", "⌊": "\\lfloor ", "⌋": "\\rfloor ",
    "⌈": "\\lceil ", "⌉": "\\rceil ", "∣": "\\mid ", "\u2061": "", "\u2062": "", "\u2063": ",", "\u2064": "",
    "∘": "\\circ ", "∅": "\\emptyset ", "¯": "bar", "‾": "bar", "ℝ": "\\mathbb{R}", "ℤ": "\\mathbb{Z}",
}  # fmt: skip
_FUNCTIONS = frozenset(
    ("sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "lim", "max", "min", "det", "gcd", "exp",
     "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh")
)  # fmt: skip
_OVER = {
    "¯": "\\overline",
    "bar": "\\overline",
    "→": "\\vec",
    "^": "\\hat",
    "ˆ": "\\hat",
    "~": "\\tilde",
    "_": "\\overline",
}


def latex(source: str) -> str | None:
    """The formula in LaTeX, None where the source is no MathML."""
    try:
        root = ET.fromstring(source if source.lstrip().startswith("<") else f"<math>{source}</math>")
    except ET.ParseError:
        return None
    return _say(root).strip()


def _say(node: ET.Element) -> str:
    tag = node.tag.rpartition("}")[2]
    text = (node.text or "").strip()
    kids = [_say(k) for k in node]
    if tag == "mi":
        text = "".join(_SIGNS.get(c, c) for c in text)
        return f"\\{text} " if text in _FUNCTIONS else text if len(text) < 2 or "\\" in text else f"\\text{{{text}}}"
    if tag == "mo" and text in _FUNCTIONS:
        return f"\\{text} "
    if tag in ("mo", "mn", "ms"):
        return "".join(_SIGNS.get(c, c) for c in text)
    if tag == "mtext":
        return f"\\text{{{text}}}"
    return _construct(tag, node, kids)


def _construct(tag: str, node: ET.Element, kids: list[str]) -> str:
    scripts = {"msup": "{{{0}}}^{{{1}}}", "msub": "{{{0}}}_{{{1}}}", "msubsup": "{{{0}}}_{{{1}}}^{{{2}}}",
               "munder": "{0}_{{{1}}}", "munderover": "{0}_{{{1}}}^{{{2}}}", "mfrac": "\\frac{{{0}}}{{{1}}}",
               "mroot": "\\sqrt[{1}]{{{0}}}"}  # fmt: skip
    if tag == "mover" and len(kids) == 2:
        accent = _OVER.get(kids[1].strip(), "\\hat")
        return f"{accent}{{{kids[0]}}}"
    if tag == "mfrac" and node.get("linethickness") in ("0", "0pt", "0.0pt"):
        return f"\\binom{{{kids[0]}}}{{{kids[1]}}}"
    if tag in scripts and len(kids) >= scripts[tag].count("{{{"):
        return scripts[tag].format(*kids)
    if tag == "menclose":
        return f"\\enclose{{{node.get('notation', '')}}}{{{''.join(kids)}}}"
    if tag == "mfenced":
        return f"{node.get('open', '(')}{','.join(kids)}{node.get('close', ')')}"
    joins = {"msqrt": "", "mtable": "\\\\", "mtr": "&", "mlabeledtr": "&"}
    inside = joins.get(tag, "").join(kids)
    around = {"msqrt": "\\sqrt{%s}", "mtable": "\\begin{matrix}%s\\end{matrix}"}
    return around.get(tag, "%s").replace("%s", inside)
