from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.latex import needs_figure, numbers, speak_math
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason

SPOKEN = {
    # what authors write beside proper commands
    "tan^{-1}(y)": "inverse tangent y",
    "2sin(y) + cos 3y": "two sine y plus cosine of three y",
    "cost = 5": "c o s t equals five",
    "{\\rm max}(p, q)": "the maximum of p and q",
    "c_{\\rm air}": "c sub air",
    "y : = 4": "y is defined as four",
    "\\abs{y-2} \\in \\ZZ": "the absolute value of the quantity y minus two, in the integers",
    "y \\in \\R": "y in the real numbers",
    "y ∉ ℚ": "y not in the rational numbers",
    "⋃_{k} B_k": "the union over k of B sub k",
    "𝛛y": "partial y",
    "M \\lesssim N": "M is less than or approximately equal to N",
    "g\\colon P \\to Q": "g from P to Q",
    "O(k^3)": "O of k cubed",
    # sets of numbers with scripts
    "\\mathbb{R}^4": "R four",
    "\\mathbb{R}^{m \\times n}": "R m by n",
    "\\mathbb{Z}^+": "the positive integers",
    "\\mathbb{R}_{\\ge 0}": "the nonnegative real numbers",
    # functions without an argument keep their scripts; what follows plainly needs no "times"
    "\\sin^2 + \\cos^2 = 1": "sine squared plus cosine squared equals one",
    "y^2 \\cos t": "y squared cosine t",
    "e^y \\cos t": "e to the y times cosine t",
    "\\frac{3}{4} \\ln 5": "three fourths times the natural log of five",
    "\\int_0^2 g(y) dy": "the integral from zero to two of g of y d y",
    "\\frac{d^3 w}{dt^3}": "the third derivative of w with respect to t",
    "\\frac{\\partial w}{\\partial t^2}": "partial w over partial t squared",
    "\\frac{\\text{rise}}{\\text{run}}": "rise over run",
    "20_{300}": "twenty sub three hundred",
    # matrices known by name, long vectors
    "\\begin{pmatrix}1&0\\\\0&1\\end{pmatrix}": "the two by two identity matrix",
    "\\begin{bmatrix}0&0\\\\0&0\\end{bmatrix}": "the two by two zero matrix",
    "\\begin{pmatrix}7\\end{pmatrix}": "the one by one matrix with entry seven",
    "\\begin{pmatrix}4&5&6&7\\end{pmatrix}": (
        "the row vector with column one: four; column two: five; column three: six; column four: seven"
    ),
    # numbers
    "7": "seven",
    "10{,}500": "ten thousand five hundred",
    "10,\\!500": "ten thousand five hundred",
    "2,048": "two thousand forty eight",
    ".75": "zero point seven five",
    "-4": "negative four",
    "2\\frac13": "two and one third",
    "0.\\overline{6}": "zero point six repeating",
    "0.1\\overline{36}": "zero point one with three six repeating",
    "1101_2": "one one zero one base two",
    "35\\%": "thirty five percent",
    "\\$4.05": "four dollars and five cents",
    "\\$x": "x dollars",
    "\\$3\\text{ million}": "three million dollars",
    "7^{\\text{th}}": "seventh",
    "k^{th}": "kth",
    "6\\!:\\!05\\text{ p.m.}": "six oh five p. m.",
    "4:7": "four to seven",
    # fractions
    "\\frac12": "one half",
    "\\dfrac{-5}{6}": "negative five sixths",
    "\\frac{4}{31}": "four over thirty one",
    "3/5": "three fifths",
    "\\frac ab": "a over b",
    "\\frac{x-1}{3}": "the quantity x minus one, over three",
    "\\frac{2}{x+y} = 1": "two over the quantity x plus y, equals one",
    "\\frac{1}{2+\\frac{1}{y}}": "the fraction with numerator one, and denominator two plus one over y",
    "\\frac{\\text{feet}}{\\text{second}}": "feet per second",
    "\\frac{dy}{dt}": "the derivative of y with respect to t",
    "{a \\over b}": "a over b",
    # powers, roots, indices
    "x^2": "x squared",
    "y^3z": "y cubed z",
    "2^{12}": "two to the twelfth power",
    "b^n": "b to the n",
    "b^{n-1}": "b to the power of the quantity n minus one",
    "b^{-2}": "b to the power of negative two",
    "(a-b)^2": "the quantity a minus b, squared",
    "(-3)^3": "the quantity negative three, cubed",
    "\\sqrt5": "the square root of five",
    "\\sqrt[3]{n}": "the cube root of n",
    "\\sqrt{n+1}": "the square root of the quantity n plus one",
    "\\sqrt{2}+n": "the square root of two, plus n",
    "\\frac{\\sqrt{7}}{3}": "the square root of seven, over three",
    "5\\sqrt{2}": "five times the square root of two",
    "c_1": "c sub one",
    "c_{k+1}-c_k": "c sub k plus one, minus c sub k",
    "x'": "x prime",
    # sums and products
    "4x-3y": "four x minus three y",
    "5(n-2)": "five times the quantity n minus two",
    "(n-1)(n+1)": "the quantity n minus one, times the quantity n plus one",
    "(3)(4)": "three times four",
    "6\\div 2": "six divided by two",
    "7 \\cdot (-2)": "seven times negative two",
    "1+2+\\dots+n": "one plus two plus dot dot dot plus n",
    "2,4,\\ldots,20": "two, four, and so on up to twenty",
    "3, 6, 9, ...": "three, six, nine, and so on",
    "m\\pm 1": "m plus or minus one",
    "n!": "n factorial",
    "(n-1)!": "the quantity n minus one, factorial",
    "\\binom{7}{k}": "seven choose k",
    "\\mathbf{u}\\cdot\\mathbf{v}": "u dot v",
    "\\mathbf{u}\\times\\mathbf{v}": "u cross v",
    "\\sum_{i=0}^{9} i": "the sum from i equals zero to nine of i",
    "\\prod_{p} p": "the product over p of p",
    "\\int_0^2 t\\,dt": "the integral from zero to two of t d t",
    "\\lim_{h\\to 0} h": "the limit as h approaches zero of h",
    # relations
    "x=3": "x equals three",
    "1<t\\le 4": "one is less than t, which is less than or equal to four",
    "a\\ne b": "a does not equal b",
    "a\\equiv 2\\pmod 5": "a is congruent to two modulo five",
    "p\\mid q": "p divides q",
    "\\not\\equiv": "is not congruent to",
    "x = 1 \\text{ or } x = 2": "x equals one, or x equals two",
    "\\triangle PQR\\cong\\triangle STU": "triangle P Q R is congruent to triangle S T U",
    "\\overline{PQ}\\parallel\\overline{RS}": "segment P Q is parallel to segment R S",
    "\\angle P = 40^\\circ": "angle P equals forty degrees",
    "70^\\circ\\text{F}": "seventy degrees Fahrenheit",
    # functions
    "f(t)": "f of t",
    "f(t+1)": "f of the quantity t plus one",
    "g(f(2))": "g of f of two",
    "f^{-1}(3)": "f inverse of three",
    "(f\\circ g)(2)": "f composed with g of two",
    "n(n+1)": "n times the quantity n plus one",
    "\\sin t": "sine t",
    "\\cos^2 t": "cosine squared t",
    "\\cos^5 t": "the fifth power of cosine t",
    "\\cos^{k+2} t": "the k plus two power of cosine t",
    "\\ln^k t": "the kth power of the natural log of t",
    "\\sin 3t\\cos t": "sine of three t times cosine t",
    "\\tan^{-1} t": "inverse tangent t",
    "\\log_3 9": "log base three of nine",
    "\\ln t": "the natural log of t",
    "\\gcd(a,b)": "the greatest common divisor of a and b",
    "P(A|B)": "P of A given B",
    "f: A\\to B": "f from A to B",
    # brackets
    "|t-1|": "the absolute value of the quantity t minus one",
    "\\left|\\frac{u}{v}\\right|": "the absolute value of the fraction u over v",
    "\\lfloor t\\rfloor": "the floor of t",
    "\\lceil t\\rceil": "the ceiling of t",
    "\\|w\\|": "the norm of w",
    "(4,5)": "the pair four comma five",
    "[4,5)": "the interval from four to five, including four",
    "(-\\infty,3)": "the open interval from negative infinity to three",
    "t\\in(1,2)": "t in the open interval from one to two",
    "\\{1,2\\}": "the set one, two",
    "\\{t \\mid t>1\\}": "the set of all t such that t is greater than one",
    # arrays
    "\\begin{pmatrix}1&0\\\\2&3\\end{pmatrix}": ("the two by two matrix with row one: one, zero; row two: two, three"),
    "\\begin{pmatrix}1\\\\[2pt]2\\end{pmatrix}": "the column vector one comma two",
    "\\begin{vmatrix}a&b\\\\c&d\\end{vmatrix}": (
        "the determinant of the two by two matrix with row one: a, b; row two: c, d"
    ),
    "\\begin{align*}u+v&=4,\\\\u-v&=2.\\end{align*}": "u plus v equals four, and u minus v equals two",
    "\\begin{cases}1&\\text{if }t>0\\\\0&t\\le 0\\end{cases}": (
        "one if t is greater than zero, and zero if t is less than or equal to zero"
    ),
    "\\begin{tabular}{|c|c|}\\hline Day & Pens sold\\\\ \\hline Monday & $3x$ \\\\ \\end{tabular}": (
        "the table with row one: Day, Pens sold; row two: Monday, three x"
    ),
    # words
    "8\\text{ cm}^2": "eight square centimeters",
    "t\\text{ is odd}": "t is odd",
    "\\boxed{9}": "nine",
    "\\mathrm{lcm}(a,b)": "the least common multiple of a and b",
    "\\alpha+\\Omega": "alpha plus omega",
    "\\mathbb{Z}": "the integers",
    "xX": "x capital X",
    "\\delta+\\Delta": "delta plus capital delta",
    "x^{1/3}": "x to the one third power",
    "e^{-2t}": "e to the negative two t",
    "n\\to\\infty": "n goes to infinity",
    "\\frac{d}{dt}t^2": "the derivative with respect to t of t squared",
    "E(t)": "E of t",
    "p(q(2))": "p of q of two",
    "\\text{(A) }7\\quad\\text{(B) }9": "A, seven, B, nine",
    "m\\angle P": "the measure of angle P",
    "\U0001d504+\U0001d7da": "A plus two",
}


@pytest.mark.parametrize(("tex", "words"), SPOKEN.items())
def test_formulas_are_said_in_plain_english(tex: str, words: str) -> None:
    assert speak_math(tex) == words


def test_the_words_around_a_formula_change_how_it_is_said() -> None:
    assert speak_math("3\\times 4", after=" grid of dots") == "three by four"
    assert speak_math("3\\times 4", after=" is twelve") == "three times four"
    assert speak_math("(1,2)", before="through the point ") == "one comma two"
    assert speak_math("(1,2)", before="the points P and ") == "the point one comma two"
    assert speak_math("\\overline{AB}", before="The segment ") == "A B"
    assert speak_math("\\triangle ABC", before="In triangle ") == "A B C"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\\frac{a+b}{c}", "a+\\frac{b}{c}"),
        ("\\frac{a}{b+c}", "\\frac{a}{b}+c"),
        ("\\sqrt{a+b}", "\\sqrt{a}+b"),
        ("\\sqrt{ab}", "\\sqrt{a}b"),
        ("\\sqrt{\\frac{a}{b}}", "\\frac{\\sqrt{a}}{b}"),
        ("x^{n+1}", "x^n+1"),
        ("a_{n+1}", "a_n+1"),
        ("f(x+1)", "f(x)+1"),
        ("f(\\frac{x}{2})", "\\frac{f(x)}{2}"),
        ("2(x+1)", "2x+1"),
        ("(a+b)^2", "a+b^2"),
        ("|a+b|", "|a|+b"),
        ("\\sin(a+b)", "\\sin a+b"),
        ("-(a+b)", "-a+b"),
        ("(\\frac12)^2", "\\frac{1}{2^2}"),
        ("e^{2t+1}", "e^{2t}+1"),
        ("\\frac{1}{\\sqrt{a}+b}", "\\frac{1}{\\sqrt{a}}+b"),
    ],
)
def test_formulas_with_other_brackets_sound_different(one: str, other: str) -> None:
    assert speak_math(one) != speak_math(other)


@pytest.mark.parametrize(
    ("tex", "named"),
    [
        ("\\nosuchcommand{x}", "nosuchcommand"),
        ("\\frac{1}", "frac"),
        ("(1+2", "("),
        ("{1+2", "broken"),
        ("x \u2603 y", "\u2603"),
        ("\\begin{nosuch}x\\end{nosuch}", "nosuch"),
        ("{" * 60 + "}" * 60, "deeper"),
    ],
)
def test_what_cannot_be_read_is_refused_and_named(tex: str, named: str) -> None:
    found = speak_math(tex)
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.UNREADABLE
    assert named in found.detail


@pytest.mark.parametrize(
    "text",
    [
        "What is the area? [asy] draw((0,0)--(1,1)); [/asy]",
        "In the figure, angles A and B are equal.",
        "Find x in the diagram below.",
        "The tiles are placed as shown.",
        "See \\includegraphics{a.png}.",
    ],
)
def test_problems_that_need_a_picture_are_recognised(text: str) -> None:
    assert needs_figure(text) is not None


@pytest.mark.parametrize("text", ["Find the area of the graph of x.", "She paints a picture of a dog.", "12 pens"])
def test_other_problems_need_none(text: str) -> None:
    assert needs_figure(text) is None


def test_numbers_come_in_reading_order() -> None:
    assert numbers("\\frac{1}{2}x + 3.5 = 10{,}000") == (
        Fraction(1),
        Fraction(2),
        Fraction(7, 2),
        Fraction(10000),
    )


_PIECES = ["x", "12", "3.5", "+", "-", "=", "^", "_", "{", "}", "(", ")", "[", "]", "|", ",", "!", "'",
":", "&", "%",
           "\\\\", "\\frac", "\\sqrt", "\\sin", "\\sum", "\\left(", "\\right)", "\\left|", "\\right.",
           "\\text{ cm}",
           "\\overline", "\\ldots", "\\pmod", "\\binom", "\\$", "\\begin{cases}", "\\end{cases}", "\\{",
           "\\}", "\\not",
           "\\circ", "\\mathbf", "\\limits", "\\over", "é", " ", "."]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_no_source_makes_the_reader_raise_or_leave_a_sign(tex: str) -> None:
    said = speak_math(tex)
    if not isinstance(said, Unreadable):
        assert said
        assert all(c.isalpha() or c in " ,.;:?!'-" for c in said)


@given(st.text(max_size=20))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    assert isinstance(speak_math(text), str | Unreadable)


_ATOMS = st.sampled_from(["x", "2", "y", "\\pi"])
_TREES = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]}+{p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"\\frac{{{p[0]}}}{{{p[1]}}}"),
        st.tuples(inner).map(lambda p: f"\\sqrt{{{p[0]}}}"),
        st.tuples(inner, inner).map(lambda p: f"{{{p[0]}}}^{{{p[1]}}}"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]} - {p[1]}"),
    ),
    max_leaves=8,
)


@given(_TREES)
def test_every_well_formed_formula_is_spoken(tex: str) -> None:
    assert isinstance(speak_math(tex), str)
