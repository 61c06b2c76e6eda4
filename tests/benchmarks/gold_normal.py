"""Two forms in which the readings of different tools can be compared, the same for every tool and for the gold.

`words` keeps the reading word for word, apart from case, punctuation, hyphens, "and", digits (which become words) and
the neutral synonyms listed here. `structure` keeps operators and operands alone, in order: what is said, not how.
Neither uses the reader under test; both drop brackets, so a reading that leaves out a needed bracket is not found out.
"""

import re

from pipeline.core import numwords

_NUMERAL = re.compile(
    r"(?<![\w.])(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(\.\d+)?(sts?|nds?|rds?|ths?)?|(\d+)|(\.\d+)", re.IGNORECASE
)


def _bare_derivative(found: re.Match[str]) -> str:
    d = "partial" if found.group(1) else "d"
    return f"{d} over {d} {found.group(2)}"


def _derivative(found: re.Match[str]) -> str:
    second, partial, of, by = found.groups()
    d = "partial" if partial else "d"
    return f"{d} {'squared ' if second else ''}{of}over {d} {by}{' squared' if second else ''}"


_SYNONYMS = (
    # Signs that a gold or a tool leaves standing.
    (r"=", " equals "), (r"\+", " plus "), (r"[<]", " is less than "), (r"[>]", " is greater than "),
    (r"%", " percent "),
    (r"\b(?:cap|capital|upper ?case|lower ?case|bold|script|normal)\b", " "),
    (r"\beigh\b", "a"),
    # Brackets and their ends, which are a matter of style.
    (r"\b(?:open|close|left|right|end|opening|closing) (?:paren|parens|parenthesis|parentheses|bracket|brackets|brace|"
     r"square bracket|curly bracket|curly brace|fraction|root|power|absolute value|scripts?|set|matrix|exponent|sub|"
     r"super|subscript|superscript|quantity|sum|integral|layout|vector|determinant|cube root|square root)\b", " "),
    (r"\b(?:the )?quantity(?: of)?\b|\ball over\b|\bwhole\b|\bin parenthes[ei]s\b|\bparenthes[ie]s\b|\bbrackets?\b",
     lambda m: " over " if "over" in m.group() else " "),
    (r"\bnegated\b|\bnegative\b", "minus"), (r"\bpositive\b", "plus"),
    (r"\bfraction (?:with )?numerator\b", " "), (r"\band denominator\b|\bdenominator\b", "over"),
    (r"\bdivided by\b|\bdivide by\b|\bdivides by\b|\bslash\b", "over"),
    (r"\b(?:the )?fraction\b", " "),
    (r"\bmultiplied by\b", "times"), (r"\basterisk\b", "star"), (r"\bcross product(?: with)?\b", "cross"),
    (r"\bdot product(?: with)?\b", "dot"),
    # Relations.
    (r"\b(?:is )?not equal to\b|\bdoes not equal\b|\bis not equals?\b|\bnot equals?\b", "differs"),
    (r"\b(?:(?:is|are|be) )?equals? to\b|\b(?:is|are) equals?\b|\bequal\b|\bgives\b", "equals"),
    (r"\bwhich is\b|\band is\b|\bwhich equals\b", lambda m: "equals" if "equals" in m.group() else "is"),
    (r"\b(?:is )?(?:approximately|almost|roughly|about) equals?(?: to)?\b|\bis approximately\b", "approximately"),
    (r"\b(?:is )?(less|greater) than(?: or equals(?: to)?)?\b",
     lambda m: m.group(1) + (" or equals" if "equals" in m.group() else " than")),
    (r"\b(?:is )?much much (less|greater) than\b", r"much \1 than"),
    (r"\b(?:is )?(?:not an element of|not a member of|not in|does not belong to|not belongs? to)\b", "outside"),
    (r"\b(?:is )?(?:an element of|a member of|element of|member of|belongs? to|belonging to)\b|\bis in\b", "in"),
    (r"\b(?:is )?(?:a |the )?(proper )?(subset|superset)(?: of)?(?: or equals(?: to)?)?\b", r"\1\2"),
    (r"\b(?:the )?set of (?:all )?\b|\b(?:the )?set\b", " "),
    (r"\b(?:the )?(?:real numbers|reals)\b", "r"), (r"\b(?:the )?(?:integers)\b", "z"),
    (r"\b(?:the )?natural numbers\b", "n"), (r"\b(?:the )?(?:complex numbers)\b", "c"),
    (r"\b(?:the )?(?:rational numbers|rationals)\b", "q"), (r"\bdouble struck\b|\bblackboard\b|\bfraktur\b", " "),
    (r"\b(?:tends to|approaches|goes to|right arrow|rightward arrow|arrow|maps to)\b", "to"),
    (r"\bsuch that\b|\bvertical bar\b|\bvertical line\b", "given"), (r"\bmodulo\b", "mod"),
    # Powers and roots.
    (r"\b(?:raised )?(?:to the|to) second power\b", "squared"), (r"\b(?:raised )?to the third power\b", "cubed"),
    (r"\b(?:raised )?to the power(?: of)?\b|\braised to the\b|\braised to\b|\bto the exponent\b|\bsuperscript\b|"
     r"\bto power\b",
     "to the"),
    (r"\bexponent\b", " "), (r"\b([a-z]) th\b", r"\1"), (r"\bpower\b", " "), (r"\bmatrix with\b", "matrix"),
    (r"\b\w+ by \w+ (row|column) matrix\b", "listing"), (r"\b(?:row|column) vector\b(?: with)?", "listing"),
    (r"\b(?:the )?square root(?: of)?\b", "root"), (r"\b(?:the )?cubed? root(?: of)?\b", "third root"),
    (r"\broot of\b", "root"), (r"\bsubscript\b", "sub"), (r"\bprime prime\b", "double prime"),
    # Functions and constructions.
    (r"\bsin\b", "sine"), (r"\bcos\b|\bcosign\b", "cosine"), (r"\btan\b", "tangent"), (r"\bsec\b", "secant"),
    (r"\bcsc\b", "cosecant"), (r"\bcot\b", "cotangent"), (r"\barc (?=sine|cosine|tangent)", "inverse "),
    (r"\b(?:natural log|natural logarithm|l n|ln)\b", "natural log"), (r"\blogarithm\b", "log"),
    (r"\blog base\b", "log"),
    (r"\b(?:the )?absolute value(?: of)?\b|\bmodulus(?: of)?\b", "absolute"),
    (r"\barc ?tan(?:gent)?\b", "inverse tangent"), (r"\barc ?sine?\b", "inverse sine"),
    (r"\barc ?cos(?:ine)?\b", "inverse cosine"),
    (r"\b(sine|cosine|tangent|secant) inverse\b", r"inverse \1"), (r"\bcosh\b", "hyperbolic cosine"),
    (r"\bsinh\b", "hyperbolic sine"), (r"\btanh\b", "hyperbolic tangent"),
    # Derivatives: "the derivative of y with respect to x", "d y over d x", "d by d x of y", "d y d x".
    (r"\b(partial )?derivative with respect to (\w+)(?: of)?\b", _bare_derivative),
    (r"\b(second )?(partial )?derivative of ((?:\w+ ){1,8}?)with respect to (\w+)\b", _derivative),
    (r"\bd (?:by|over) d ?([a-z])\b(?: of)?", r"d over d \1"),
    (r"\bd ?([a-z]) (?:by |over )?d ?([a-z])\b", r"d \1 over d \2"),
    (r"\bpartial (?!derivative)(\w+) (?:by |over )?partial (\w+)\b", r"partial \1 over partial \2"),
    (r"\bd ([a-z])\b", r"d\1"),
    (r"\bnorm(?: of)?\b", "norm"), (r"\bsummation\b", "sum"), (r"\bl c m\b", "least common multiple"),
    (r"\bexp\b", "exponential"), (r"\bmin\b", "minimum"), (r"\bmax\b", "maximum"), (r"\blim\b", "limit"),
    (r"\bvector\b(?=.)|\bthe point\b|\bthe (?:ordered )?pair\b|\bthe triple\b|\bthe tuple\b|\bpoint (?=with)", " "),
    (r"\bdot dot dot\b|\bellipsis\b|\band so on(?: up to)?\b|\bthree dots\b", "dots"), (r"\bcomma\b", " "),
    (r"\bquarter(s?)\b", r"fourth\1"), (r"\ba (?=half|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)", "one "),
    (r"\bone (?=(?:hundred|thousand|million|billion)th\b)", ""), (r"\boh\b(?= \w)", "zero"), (r"\bl\b", "ell"),
    (r"\bthe (\w+(?: \w+)?) of (january|february|march|april|may|june|july|august|september|october|november|"
     r"december)\b",
     r"\2 \1"),
    # Words that carry nothing here.
    (r"\b(?:and|the|which)\b", " "), (r"\bof\b", " "),
)  # fmt: skip
_COMPILED = tuple((re.compile(p), to) for p, to in _SYNONYMS)


def words(text: str) -> str:
    """The reading word for word, up to the synonyms above."""
    text = _NUMERAL.sub(_numeral, text).lower().replace("’", "'")
    text = " ".join(re.sub(r"[^a-z=+<>%' ]|(?<!\w)'|'(?!\w)", " ", text.replace("-", " ")).split())
    for pattern, to in _COMPILED:
        text = " ".join(pattern.sub(to, text).split())
    return " ".join(" ".join(token) if _is_letters(token) else token for token in text.split())


def _numeral(found: re.Match[str]) -> str:
    whole, point, ending, glued, bare_point = found.groups()
    if ending and not point:
        return f" {numwords.ordinal(int(whole.replace(',', '')))}{'s' if ending.lower().endswith('s') else ''} "
    return f" {numwords.decimal((whole or glued or '').replace(',', '') + (point or bare_point or ''))} "


_SMALL = {w: i for i, w in enumerate(numwords.cardinal(i) for i in range(20))}
_TENS = {numwords.cardinal(i): i for i in range(20, 100, 10)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINALS = {numwords.ordinal(i): i for i in (*range(3, 20), *range(20, 100, 10), 100, 1000, 10**6)}
_PARTS = {"half": 2, "halves": 2} | {f"{w}{s}": v for w, v in _ORDINALS.items() for s in ("", "s")} | {"seconds": 2}
_TO_OPERATOR = {
    "squared": ["^", "2"], "cubed": ["^", "3"], "plus": ["+"], "minus": ["-"], "equals": ["="], "over": ["/"],
    "less": ["<"], "greater": [">"],
}  # fmt: skip
_SILENT = frozenset(
    ("times", "dot", "sub", "than", "are", "from", "as", "with", "respect", "an", "that", "where", "by",
     "for", "this", "it", "function", "value", "at", "we", "have", "so", "then", "well", "on", "be", "has", "entries",
     "only", "row", "listing", "column", "columns", "rows", "matrix")
)  # fmt: skip
_SHORT_WORDS = frozenset(("is", "of", "do", "go", "up", "us", "no", "if", "or", "am", "he", "it"))
_AFTER_IS = frozenset(
    (
        "less",
        "greater",
        "much",
        "parallel",
        "perpendicular",
        "similar",
        "congruent",
        "proportional",
        "implied",
        "equivalent",
        "defined",
        "asymptotic",
        "not",
        "subset",
        "superset",
        "proper",
        "approximately",
        "differs",
        "equals",
        "in",
        "outside",
    )
)
_KEPT = frozenset(
    ("pi", "mu", "nu", "xi", "phi", "chi", "psi", "rho", "tau", "eta", "root", "log", "sum", "mod", "bar", "hat", "dot",
     "max", "min", "not", "all", "set", "or", "if", "to", "in", "star", "sine", "det", "ell", "dots", "half", "hat")
)  # fmt: skip
_LABEL = re.compile(r"\b(?:row|column) (?:one|two|three|four|five|six|seven|eight|nine)\b")
"""Before the entries of a matrix, whose size has been named."""
_LETTERS = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,3}|[a-z]{2}")


def structure(text: str) -> tuple[str, ...]:
    """Operators and operands in the order they are said."""
    found: list[str] = []
    tokens = _LABEL.sub(" ", words(text)).split()
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token == "by" and found and found[-1] in ("+", "-", "="):
            token = "b y"
        number, end = _number(tokens, i)
        if number is not None:
            i = end
            if (
                int(float(number)) % 10 == 0
                and 20 <= float(number) < 100
                and _ORDINALS.get(tokens[i] if i < len(tokens) else "", 10) < 10
            ):
                number = str(int(number) + _ORDINALS[tokens[i]])
                i += 1
            found.append(number)
            denominator, i = _denominator(tokens, i)
            found += ["/", denominator] if denominator else []
            continue
        if token == "to" and i + 1 < len(tokens) and _is_power(tokens, i):
            found.append("^")
            i += 1
            continue
        if token in _ORDINALS:
            found.append(str(_ORDINALS[token]))
        elif token in _TO_OPERATOR:
            found += _TO_OPERATOR[token]
        elif token == "is":
            found += [] if " ".join(tokens[i + 1 : i + 2]) in _AFTER_IS else ["="]
        elif token not in _SILENT and token != "to":
            found += token.split() if " " in token else [token]
        i += 1
    return tuple(found)


def _is_letters(token: str) -> bool:
    return token not in _KEPT and token not in _SILENT and token not in _SHORT_WORDS and bool(_LETTERS.fullmatch(token))


def _is_power(tokens: list[str], at: int) -> bool:
    """Whether "to" raises: not the end of a range or a limit."""
    before = tokens[max(0, at - 8) : at]
    return not any(w in ("from", "as", "limit", "sum", "integral", "product") for w in before)


def _denominator(tokens: list[str], at: int) -> tuple[str, int]:
    """The parts after a number: "thirds", "eighty thirds", "one thousand eight hundred fifths"."""
    if at < len(tokens) and tokens[at] in _PARTS and _is_part(tokens, at):
        return str(_PARTS[tokens[at]]), at + 1
    number, end = _number(tokens, at)
    plural = end < len(tokens) and tokens[end] in _PARTS and tokens[end].endswith("s")
    if number is None or not plural or "." in number or int(number) % 10:
        return "", at
    return str(int(number) + _PARTS[tokens[end]]), end + 1


def _is_part(tokens: list[str], at: int) -> bool:
    return at + 1 >= len(tokens) or tokens[at + 1] not in ("power", "root", "derivative")


def _number(tokens: list[str], at: int) -> tuple[str | None, int]:
    """A number in words: its digits and where it ends."""
    total = part = 0
    i, last = at, 10**18
    while i < len(tokens):
        word = tokens[i]
        if word in _SCALES and i > at:
            scale = _SCALES[word]
            if scale == 100:
                part *= scale
            else:
                total, part = total + part * scale, 0
            last = scale
        elif (value := _SMALL.get(word, _TENS.get(word))) is not None and _fits(value, last, i > at):
            part, last = part + value, 10 if word in _TENS else 1
        else:
            break
        i += 1
    if i == at and (at + 1 >= len(tokens) or tokens[at] != "point" or _SMALL.get(tokens[at + 1], 10) > 9):
        return None, at
    digits = ""
    if i < len(tokens) and tokens[i] == "point":
        j = i + 1
        while j < len(tokens) and _SMALL.get(tokens[j], 10) < 10:
            digits += str(_SMALL[tokens[j]])
            j += 1
        i = j if digits else i
    return f"{total + part}{'.' if digits else ''}{digits}", i


def _fits(value: int, last: int, follows: bool) -> bool:
    if not follows:
        return True
    return value > 0 and (last >= 100 or (last == 10 and value < 10))
