"""How real data writes numbers, quirk by quirk: each is read with its exact value and said without a sign."""

from fractions import Fraction

import pytest

from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import amount, differ, read
from pipeline.core.speak import residue, speak
from pipeline.errors import Reason

HALF, PER_CENT = Fraction(1, 2), Fraction(1, 100)


@pytest.mark.parametrize(
    ("written", "values", "said"),
    [
        pytest.param("15% of it", [15 * PER_CENT], "Fifteen percent of it", id="percent"),
        pytest.param("15 per cent of it", [15 * PER_CENT], "Fifteen per cent of it", id="per cent"),
        pytest.param("It is $40.", [40], "It is forty dollars.", id="dollars before"),
        pytest.param("It is 40$.", [40], "It is forty dollars.", id="dollars behind"),
        pytest.param("It is £6 or €7.", [6, 7], "It is six pounds or seven euros.", id="pounds and euros"),
        pytest.param("9¢ each", [9 * PER_CENT], "Nine cents each", id="cents"),
        pytest.param("It is .5 of it.", [HALF], "It is zero point five of it.", id="bare point"),
        pytest.param("3.25 cups", [Fraction(13, 4)], "Three point two five cups", id="decimal"),
        pytest.param("60(.45) = 27", [60, Fraction(9, 20), 27],
                     "Sixty times zero point four five equals twenty seven", id="product without a sign"),
        pytest.param("2/5 of it", [Fraction(2, 5)], "Two fifths of it", id="slash"),
        pytest.param("a third of it, half of that", [Fraction(1, 3), HALF], "a third of it, half of that", id="words"),
        pytest.param("½ of ¼", [HALF, Fraction(1, 4)], "Half of one fourth", id="vulgar fractions"),
        pytest.param("6,500 ants", [6500], "Six thousand five hundred ants", id="thousands comma"),
        pytest.param("6500 ants", [6500], "Six thousand five hundred ants", id="bare thousands"),
        pytest.param("at 6:45 pm", [Fraction(27, 4)], "at six forty five PM", id="clock"),
        pytest.param("the ratio 7:4", [7, 4], "the ratio seven to four", id="ratio"),
        pytest.param("the 31st try", [31], "the thirty first try", id="ordinal"),
        pytest.param("an 8-foot pole", [8], "an eight-foot pole", id="hyphened unit"),
        pytest.param("9 oz and 9kg", [9, 9], "Nine ounces and nine kilograms", id="short units"),
        pytest.param("at 55 km/h", [55], "at fifty five kilometers per hour", id="rate"),
        pytest.param("at $9/hour", [9], "at nine dollars per hour", id="money rate"),
        pytest.param("Ann’s 4 cats – 3 black", [4, 3], "Ann's four cats, three black", id="apostrophe and dash"),
        pytest.param("7 × 3 − 5 ÷ 5", [7, 3, 5, 5], "Seven times three minus five divided by five", id="signs"),
        pytest.param("7 x 3", [7, 3], "Seven times three", id="the letter x"),
        pytest.param("5\u00a0cats,\u200b 6\u2028dogs", [5, 6], "Five cats, six dogs", id="blanks that are none"),
        pytest.param("\u0410nn has 8.", [8], "Ann has eight.", id="a letter that looks Latin"),
        pytest.param("19-4=15", [19, 4, 15], "Nineteen minus four equals fifteen", id="subtraction"),
        pytest.param("from 4-9 cups", [4, 9], "from four to nine cups", id="range"),
        pytest.param("She owes $y and y%.", [1, PER_CENT], "She owes y dollars and y percent.", id="variables"),
        pytest.param(r"$\frac{5}{6}$ of it", [Fraction(5, 6)], "five sixths of it", id="LaTeX"),
        pytest.param(r"It pays \$8.", [8], "It pays eight dollars.", id="escaped dollar"),
    ],
)  # fmt: skip
def test_what_real_data_writes_is_read_and_said(written: str, values: list[Fraction], said: str) -> None:
    found = [term for q in read(written) for term in (amount(q), q.second) if term is not None]
    assert found == values
    spoken = speak(written)
    assert isinstance(spoken, str)
    assert spoken == said
    assert residue(spoken) is None
    assert differ(read(written), read(spoken)) is None


def test_a_figure_is_refused() -> None:
    refused = speak("Find it. [asy] draw((1,1)--(2,0)); [/asy]")
    assert isinstance(refused, Unreadable)
    assert refused.reason is Reason.NEEDS_FIGURE
