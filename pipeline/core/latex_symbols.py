r"""What LaTeX's commands and signs are called: tables from command to spoken words, by role.

Roles decide how a sign binds (`core.latex_parse`, `core.latex_read`); this module only names things.
"""

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
    "phi chi psi omega"
)

LETTERS: dict[str, str] = (
    {name: name for name in GREEK.split()}
    | {f"var{name}": name for name in ("epsilon", "theta", "pi", "rho", "sigma", "phi", "kappa")}
    | {name.title(): f"capital {name}" for name in GREEK.split()}
    | {
        "ell": "ell", "infty": "infinity", "emptyset": "the empty set", "varnothing": "the empty set",
        "hbar": "h bar",
        "Re": "the real part of", "Im": "the imaginary part of", "nabla": "nabla", "partial": "partial",
        "aleph": "aleph", "imath": "i", "jmath": "j", "wp": "p", "clubsuit": "clubs", "heartsuit": "hearts",
        "diamondsuit": "diamonds", "spadesuit": "spades", "bullet": "dot", "star": "star", "ast": "star",
        "square": "square", "Box": "square", "blacksquare": "square", "Diamond": "diamond",
        "diamond": "diamond",
        "circ": "circle", "bigcirc": "circle", "odot": "circle dot", "oplus": "circle plus",
        "otimes": "circle times",
        "dagger": "dagger", "S": "section", "top": "top", "bot": "bottom", "forall": "for all",
        "exists": "there exists", "nexists": "there does not exist", "bigstar": "star",
        "checkmark": "check mark",
        "eps": "epsilon", "digamma": "digamma", "AA": "angstrom",
        "pounds": "pounds", "copyright": "copyright", "natural": "natural", "flat": "flat", "sharp": "sharp",
    }
)  # fmt: skip
"""Commands that stand for a thing."""

SETS: dict[str, str] = {
    "R": "the real numbers", "Z": "the integers", "N": "the natural numbers", "Q": "the rational numbers",
    "C": "the complex numbers", "P": "the prime numbers",
}  # fmt: skip
"""Letters in blackboard bold."""

FUNCTIONS: dict[str, str] = {
    "sin": "sine", "cos": "cosine", "tan": "tangent", "cot": "cotangent", "sec": "secant", "csc": "cosecant",
    "arcsin": "arc sine", "arccos": "arc cosine", "arctan": "arc tangent", "arccot": "arc cotangent",
    "arcsec": "arc secant", "arccsc": "arc cosecant",
    "sinh": "hyperbolic sine", "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent",
    "coth": "hyperbolic cotangent", "log": "log", "ln": "natural log", "lg": "log", "exp": "exponential",
    "det": "determinant", "dim": "dimension", "ker": "kernel", "arg": "argument", "deg": "degree",
    "gcd": "greatest common divisor", "lcm": "least common multiple", "max": "maximum", "min": "minimum",
    "sup": "supremum", "inf": "infimum", "Pr": "probability", "hom": "hom", "cis": "cis", "sgn": "sign",
    "tr": "trace", "area": "area", "proj": "projection", "rank": "rank", "adj": "adjugate", "Res": "residue",
    "Tr": "trace", "lim": "limit", "limsup": "limit superior", "liminf": "limit inferior",
    "GCD": "greatest common divisor",
    "LCM": "least common multiple", "Var": "variance", "diam": "diameter",
}  # fmt: skip

PLAIN_FUNCTIONS = frozenset(
    (
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "log",
        "ln",
        "cis",
    )
)
"""Functions said without "the": "sine of x", but "the determinant of A"."""

BIG: dict[str, str] = {
    "sum": "the sum", "prod": "the product", "coprod": "the coproduct", "int": "the integral",
    "iint": "the double integral", "iiint": "the triple integral", "oint": "the contour integral",
    "bigcup": "the union", "bigcap": "the intersection", "bigoplus": "the direct sum",
    "bigvee": "the disjunction",
    "bigwedge": "the conjunction", "bigotimes": "the tensor product",
}  # fmt: skip

RELATIONS: dict[str, str] = {
    "=": "equals", "<": "is less than", ">": "is greater than",
    "le": "is less than or equal to", "leq": "is less than or equal to",
    "leqslant": "is less than or equal to",
    "leqq": "is less than or equal to", "geqq": "is greater than or equal to", "lt": "is less than",
    "gt": "is greater than", "ge": "is greater than or equal to", "geq": "is greater than or equal to",
    "geqslant": "is greater than or equal to", "ll": "is much less than", "gg": "is much greater than",
    "ne": "does not equal", "neq": "does not equal", "approx": "is approximately equal to",
    "thickapprox": "is approximately equal to", "simeq": "is approximately equal to",
    "doteq": "approaches the limit", "sim": "is similar to", "cong": "is congruent to",
    "equiv": "is congruent to", "propto": "is proportional to", "in": "in", "notin": "not in",
    "ni": "contains",
    "subset": "is a subset of", "subseteq": "is a subset of", "supset": "is a superset of",
    "supseteq": "is a superset of", "subsetneq": "is a proper subset of", "nsubseteq": "is not a subset of",
    "perp": "is perpendicular to", "parallel": "is parallel to", "nparallel": "is not parallel to",
    "mid": "divides", "nmid": "does not divide", "to": "goes to", "rightarrow": "goes to", "longrightarrow": "goes to",
    "mapsto": "maps to", "longmapsto": "maps to", "leftarrow": "from", "Rightarrow": "implies",
    "Longrightarrow": "implies", "implies": "implies", "impliedby": "is implied by",
    "Leftarrow": "is implied by",
    "iff": "if and only if", "Leftrightarrow": "if and only if", "Longleftrightarrow": "if and only if",
    "leftrightarrow": "if and only if", "therefore": "therefore", "because": "because", "colon": "such that",
    ":=": "is defined as", "coloneqq": "is defined as", "prec": "precedes", "succ": "succeeds",
    "models": "models",
    "vdash": "proves", "hookrightarrow": "embeds in", "rightsquigarrow": "leads to",
    "downarrow": "decreases to",
    "uparrow": "increases to", "searrow": "decreases to", "nearrow": "increases to",
    "asymp": "is asymptotic to", "lesssim": "is less than or approximately equal to",
    "gtrsim": "is greater than or approximately equal to", "lessapprox": "is less than or approximately equal to",
    "gtrapprox": "is greater than or approximately equal to", "preceq": "precedes or equals",
    "succeq": "succeeds or equals", "supsetneq": "is a proper superset of", "subseteqq": "is a subset of",
    "sqsubseteq": "is a subset of", "longleftrightarrow": "if and only if", "twoheadrightarrow": "maps onto",
    "longleftarrow": "from", "curvearrowleft": "curved left arrow", "curvearrowright": "curved right arrow",
    "triangleq": "is defined as", "lhd": "is a normal subgroup of", "ncong": "is not congruent to",
    "nless": "is not less than", "ngtr": "is not greater than", "nleq": "is not less than or equal to",
    "ngeq": "is not greater than or equal to", "nsim": "is not similar to",
    "≤": "is less than or equal to", "≥": "is greater than or equal to", "≠": "does not equal",
    "≈": "is approximately equal to", "∈": "in", "→": "to", "⇒": "implies", "≡": "is congruent to",
}  # fmt: skip

NEGATED = {
    "=": "does not equal", "equiv": "is not congruent to", "in": "not in", "subset": "is not a subset of",
    "mid": "does not divide", "cong": "is not congruent to", "parallel": "is not parallel to",
    "perp": "is not perpendicular to", "sim": "is not similar to", "subseteq": "is not a subset of",
    "<": "is not less than", ">": "is not greater than", "|": "does not divide",
}  # fmt: skip
r"""After \not."""

SUMS: dict[str, str] = {
    "+": "plus", "-": "minus", "−": "minus", "–": "minus", "pm": "plus or minus", "mp": "minus or plus",
    "±": "plus or minus", "cup": "union", "cap": "intersection", "setminus": "minus", "backslash": "minus",
    "wedge": "and", "land": "and", "vee": "or", "lor": "or", "oplus": "circle plus", "ominus": "circle minus",
    "uplus": "disjoint union", "sqcup": "disjoint union", "triangleleft": "left triangle",
    "bowtie": "bow tie",
}  # fmt: skip
"""Signs that bind weaker than a product."""

SIGNS = {"-": "negative", "−": "negative", "–": "negative", "+": "positive", "pm": "plus or minus",
         "±": "plus or minus", "mp": "minus or plus", "neg": "not", "lnot": "not"}  # fmt: skip
"""The same signs where nothing stands before them."""

PRODUCTS: dict[str, str] = {
    "cdot": "times", "times": "times", "*": "times", "·": "times", "×": "times", "ast": "star",
    "star": "star",
    "div": "divided by", "÷": "divided by", "/": "over", "circ": "composed with", "bullet": "dot",
    "odot": "circle dot", "otimes": "circle times", "bmod": "modulo", "mod": "modulo", "clubsuit": "clubs",
    "heartsuit": "hearts", "diamondsuit": "diamonds", "spadesuit": "spades", "diamond": "diamond",
    "Diamond": "diamond", "dagger": "dagger", "#": "number sign", "&": "and", "@": "at", "bigcirc": "circle",
    "frown": "frown", "smile": "smile", "triangle": "triangle", "square": "square", "S": "section",
}  # fmt: skip
"""Signs that bind like a product."""

ACCENTS: dict[str, str] = {
    "bar": "bar", "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "vec": "vector",
    "overrightarrow": "vector", "overleftrightarrow": "line", "dot": "dot", "ddot": "double dot",
    "overline": "bar", "underline": "underlined", "overarc": "arc", "wideparen": "arc", "overparen": "arc",
    "acute": "acute", "check": "check", "mathring": "ring",
}  # fmt: skip

DOTS = frozenset(("ldots", "cdots", "dots", "dotsb", "dotsc", "dotsm", "dotsi", "dotso", "vdots", "ddots", "…"))

NAMED_SHAPES = {
    "triangle": "triangle", "angle": "angle", "measuredangle": "angle", "sphericalangle": "angle",
    "square": "square", "odot": "circle", "Box": "square", "parallelogram": "parallelogram",
    "bigtriangleup": "triangle",
}  # fmt: skip
"""Signs before the names of points."""

FENCES = {
    "lfloor": "floor", "lceil": "ceiling", "lvert": "absolute", "lVert": "norm", "langle": "angle",
    "vert": "absolute",
    "Vert": "norm", "lbrace": "{", "lbrack": "[", "(": "(", "[": "[", "{": "{",
}  # fmt: skip
CLOSERS = {
    "rfloor": "floor", "rceil": "ceiling", "rvert": "absolute", "rVert": "norm", "rangle": "angle",
    "rbrace": "}",
    "rbrack": "]", ")": ")", "]": "]", "}": "}",
}  # fmt: skip

STYLES = frozenset(
    ("mathrm", "mathbf", "mathit", "mathcal", "mathfrak", "mathscr", "mathsf", "boldsymbol", "bm", "bold",
    "pmb",
     "operatorname", "mathop", "boxed", "fbox", "limits", "nolimits", "displaystyle", "textstyle",
     "scriptstyle",
     "scriptscriptstyle", "bf", "it", "rm", "cal", "sf", "tt", "em", "Bbb", "big", "Big", "bigg", "Bigg",
     "bigl",
     "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "left", "right", "middle", "allowbreak",
     "nonumber", "notag", "mathstrut", "strut", "smash", "ensuremath",
     "mathbin",
     "mathrel", "mathord", "mathpunct", "mathopen", "mathclose", "mathinner", "small", "large", "Large",
     "tiny",
     "normalsize", "footnotesize", "scriptsize", "hline", "noindent", "centering", "phantom", "hphantom",
     "vphantom",
     "null", "relax", "protect", "qquad", "quad", "!", ",", ";", ":", " ", ">", "\n",
     "/", "enspace", "thinspace", "negthinspace", "thickspace", "medspace", "hfill", "vfill", "newline",
     "break",
     "displaylimits", "par", "item", "-", "@", "hskip", "vskip", "nobreak", "mit", "sl", "uline",
     "rmfamily", "bfseries",
     "itshape", "sffamily", "upshape", "frak", "scr", "boldmath", "unboldmath", "Huge", "huge", "LARGE")
)  # fmt: skip
"""Commands that change only how something looks."""

TEXTS = frozenset(
    ("text", "textbf", "textit", "textrm", "textsf", "texttt", "textnormal", "textsc", "mbox", "hbox", "emph",
     "textup", "intertext", "operatorname*")
)  # fmt: skip

ENDINGS = {"st": 1, "nd": 2, "rd": 3, "th": 0}
"""Ordinal endings that authors raise: 5^{\\text{th}}."""

UNITS = {
    "cm": ("centimeter", "centimeters"), "mm": ("millimeter", "millimeters"), "m": ("meter", "meters"),
    "km": ("kilometer", "kilometers"), "in": ("inch", "inches"), "ft": ("foot", "feet"), "yd": ("yard",
    "yards"),
    "mi": ("mile", "miles"), "mph": ("mile per hour", "miles per hour"), "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"), "mg": ("milligram", "milligrams"), "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"), "L": ("liter", "liters"), "mL": ("milliliter",
    "milliliters"),
    "ml": ("milliliter", "milliliters"), "hr": ("hour", "hours"), "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"), "sec": ("second", "seconds"), "s": ("second", "seconds"), "h": ("hour",
    "hours"),
    "sq": ("square", "square"), "cu": ("cubic", "cubic"), "rad": ("radian", "radians"), "units": ("unit",
    "units"),
    "km/h": ("kilometer per hour", "kilometers per hour"), "m/s": ("meter per second", "meters per second"),
    "ft/s": ("foot per second", "feet per second"),
}  # fmt: skip
"""Abbreviated units inside formulas: singular and plural."""
