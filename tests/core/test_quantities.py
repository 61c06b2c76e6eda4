import string
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.quantities import amount, differ, read
from pipeline.core.quantity import Kind, Quantity

C, F, P = Kind.CARDINAL, Kind.FRACTION, Kind.PERCENT


def only(text: str) -> Quantity:
    found = read(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("48", 48, C),
        ("1,234", 1234, C),
        (".5", Fraction(1, 2), C),
        ("0.05", Fraction(1, 20), C),
        ("3/4", Fraction(3, 4), F),
        ("½", Fraction(1, 2), F),
        ("1 1/2", Fraction(3, 2), Kind.MIXED),
        ("3-1/2", Fraction(7, 2), Kind.MIXED),
        ("2½", Fraction(5, 2), Kind.MIXED),
        ("2 and 3/4", Fraction(11, 4), Kind.MIXED),
        ("21st", 21, Kind.ORDINAL),
        ("5:30 pm", Fraction(11, 2), Kind.CLOCK),
        ("7 a.m.", 7, Kind.CLOCK),
        ("since 1998.", 1998, Kind.YEAR),
        ("the 1990s", 1990, Kind.YEAR),
        ("3 million", 3_000_000, C),
        ("-5", -5, C),
    ],
)
def test_written_numbers_have_their_exact_value(text: str, value: Fraction, kind: Kind) -> None:
    quantity = only(text)
    assert (quantity.value, quantity.kind) == (value, kind)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("forty eight", 48, C),
        ("forty-eight", 48, C),
        ("one hundred and five", 105, C),
        ("two hundred and fifty thousand", 250_000, C),
        ("a hundred", 100, C),
        ("a dozen", 12, C),
        ("half a dozen", 6, C),
        ("half", Fraction(1, 2), F),
        ("a third of", Fraction(1, 3), F),
        ("two-thirds", Fraction(2, 3), F),
        ("three quarters of", Fraction(3, 4), F),
        ("five over seventeen", Fraction(5, 17), F),
        ("three and a half", Fraction(7, 2), Kind.MIXED),
        ("two and three quarters", Fraction(11, 4), Kind.MIXED),
        ("point oh five", Fraction(1, 20), C),
        ("three point one four", Fraction(157, 50), C),
        ("two point five million", 2_500_000, C),
        ("twice", 2, C),
        ("tripled", 3, C),
        ("negative five", -5, C),
        ("twenty first", 21, Kind.ORDINAL),
        ("nineteen ninety eight", 1998, Kind.YEAR),
        ("nineteen oh five", 1905, Kind.YEAR),
        ("five thirty PM", Fraction(11, 2), Kind.CLOCK),
        ("half past five", Fraction(11, 2), Kind.CLOCK),
        ("five o'clock", 5, Kind.CLOCK),
    ],
)
def test_spoken_numbers_have_the_same_values(text: str, value: Fraction, kind: Kind) -> None:
    quantity = only(text)
    assert (quantity.value, quantity.kind) == (value, kind)


@pytest.mark.parametrize(
    "text",
    ["$2.50", "2.50$", "$ 2.50", "two dollars and fifty cents", "2 dollars and 50 cents", "It costs two fifty"],
)
def test_money_is_one_amount_however_it_is_written(text: str) -> None:
    quantity = only(text)
    assert (quantity.value, quantity.kind, quantity.unit) == (Fraction(5, 2), Kind.MONEY, "dollar")


@pytest.mark.parametrize("text", ["25%", "25 %", "25 percent", "twenty five per cent", "twenty-five percent"])
def test_percent_is_a_hundredth(text: str) -> None:
    quantity = only(text)
    assert (quantity.value, quantity.kind) == (Fraction(1, 4), P)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5kg", "kilogram"),
        ("5 kg", "kilogram"),
        ("five kilograms", "kilogram"),
        ("a 6-foot fence", "foot"),
        ("60 km/h", "kilometer per hour"),
        ("60 mph", "mile per hour"),
        ("sixty miles per hour", "mile per hour"),
        ("5 sq ft", "square foot"),
        ("5 m^2", "square meter"),
        ("5 cm³", "cubic centimeter"),
        ("30°C", "degree Celsius"),
        ("thirty degrees Celsius", "degree Celsius"),
        ("12 fluid ounces", "fluid ounce"),
        ("48 clips", ""),
        ("five dozen", "dozen"),
    ],
)
def test_units_have_one_name(text: str, unit: str) -> None:
    assert only(text).unit == unit


def test_feet_and_inches_by_their_marks() -> None:
    assert [(q.value, q.unit) for q in read("He is 5'2\" tall")] == [(5, "foot"), (2, "inch")]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("in the ratio 3:4", [(3, 4)]),
        ("2^3", [(2, 3)]),
        ("two to the power of four", [(2, 4)]),
        ("ten to the sixth", [(10, 6)]),
        ("x to the fourth power", [(1, 4)]),
        ("two cubed", [(2, 3)]),
    ],
)
def test_pairs_keep_both_terms(text: str, terms: list[tuple[int, int]]) -> None:
    assert [(q.value, q.second) for q in read(text)] == terms


def test_scientific_notation_is_one_value() -> None:
    for text in ("3 x 10^8", "3 × 10⁸", "three times ten to the power of eight"):
        assert (only(text).value, only(text).kind) == (3 * 10**8, Kind.SCIENTIFIC)


@pytest.mark.parametrize(
    "text", ["which one", "that one is red", "one of them left", "no one came", "a second", "twenty per second"]
)
def test_pronouns_and_bare_units_are_no_quantities(text: str) -> None:
    assert [q.value for q in read(text)] == ([20] if "twenty" in text else [])


def test_an_ordinal_is_told_from_a_part_and_from_a_moment() -> None:
    assert [(q.value, q.kind) for q in read("the third day")] == [(3, Kind.ORDINAL)]
    assert [(q.value, q.kind) for q in read("a third of it")] == [(Fraction(1, 3), F)]
    assert [(q.value, q.kind) for q in read("He kept a third.")] == [(Fraction(1, 3), F)]
    assert [(q.value, q.kind) for q in read("on a fourth of July")] == [(4, Kind.ORDINAL)]
    assert [(q.value, q.kind) for q in read("the second runner")] == [(2, Kind.ORDINAL)]
    assert only("a thirty-second break").unit == "second"
    assert only("the thirty-second floor").kind is Kind.ORDINAL


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("48/2 = 24", [48, 2, 24]),
        ("10-4", [10, 4]),
        ("10 - 4 = 6", [10, 4, 6]),
        ("ten minus four", [10, 4]),
        ("(-5) + 3", [-5, 3]),
        ("3x + 2 = 11", [3, 2, 11]),
        ("3 x 4", [3, 4]),
        ("70(.30)=21", [70, Fraction(3, 10), 21]),
        ("boxes minus four", [4]),
        ("fifteen twenty-pound bags", [15, 20]),
        ("between one thousand and two thousand", [1000, 2000]),
        ("one hundred, and fifty", [100, 50]),
    ],
)
def test_operators_divide_numbers(text: str, values: list[Fraction]) -> None:
    assert [q.value for q in read(text)] == values


def test_spans_point_into_the_text_that_was_given() -> None:
    text = "Ann’s 3 cats ate two dollars and ten cents of fish in 5\u00a0days."
    assert [text[q.start : q.end] for q in read(text)] == ["3", "two dollars and ten cents", "5\u00a0days"]


def test_a_formula_states_what_is_said_of_it() -> None:
    text = r"If $x = \frac{3}{4}$ and \(y = 2\), what is 5 more?"
    assert [q.value for q in read(text)] == [Fraction(3, 4), 2, 5]
    assert [text[q.start : q.end] for q in read(text)][2] == "5"


@settings(deadline=None)
@given(st.text(alphabet=string.printable + "½²−×÷€£¢°’"))
def test_any_text_is_read_in_order_without_overlap(text: str) -> None:
    start, end = 0, 0
    for quantity in read(text):
        in_one_formula = (quantity.start, quantity.end) == (start, end)
        assert in_one_formula or end <= quantity.start < quantity.end <= len(text)
        start, end = quantity.start, quantity.end


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("0.25", "one fourth"),
        ("12 eggs", "a dozen eggs"),
        ("$.75", "seventy five cents"),
        ("3:4", "three to four"),
        ("10-15 days", "ten to fifteen days"),
        ("0.50 €", "fifty cents"),
    ],
)
def test_another_form_of_the_same_values_is_no_difference(written: str, spoken: str) -> None:
    assert differ(read(written), read(spoken)) is None


@pytest.mark.parametrize(
    ("written", "spoken", "named"),
    [
        ("60 boys", "sixteen boys", "60"),
        ("5 and 6", "five", "6"),
        ("5", "five and six", "added"),
        ("25%", "twenty five", "1/4"),
        ("1/4", "twenty five percent", "1/4"),
        ("5 feet", "five inches", "foot"),
        ("$5", "five cents", "dollar"),
    ],
)
def test_the_first_difference_is_named(written: str, spoken: str, named: str) -> None:
    message = differ(read(written), read(spoken))
    assert message is not None
    assert named in message


def test_units_that_only_multiply_are_taken_into_the_amount() -> None:
    assert amount(only("50 cents")) == Fraction(1, 2)
    assert amount(only("five dozen")) == 60
    assert amount(only("five feet")) == 5


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Three quarters are blue.", [Fraction(3, 4)]),
        ("The share is one quarter.", [Fraction(1, 4)]),
        ("He has three quarters.", [3]),
        ("It takes three quarters, or 75 cents.", [3, 75]),
        ("A roll holds three quarters.", [3]),
    ],
)
def test_quarters_are_parts_unless_coins_are_meant(text: str, values: list[Fraction]) -> None:
    assert [quantity.value for quantity in read(text)] == values


@pytest.mark.parametrize("text", ["\u20ac3,bx", "0\u00bd/", "\u20ac3,5\u00bd"])
def test_signs_that_only_look_like_an_amount_are_read_without_raising(text: str) -> None:
    assert all(quantity.end <= len(text) for quantity in read(text))


@pytest.mark.parametrize("text", ["three t-shirts", "3 t-shirts", "three x-rays"])
def test_a_letter_that_begins_a_compound_is_no_variable(text: str) -> None:
    assert [(quantity.value, quantity.kind) for quantity in read(text)] == [(3, Kind.CARDINAL)]
