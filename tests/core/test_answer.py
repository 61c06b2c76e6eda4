from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.answer import Answer, AnswerKind, Convention, equal, extract, from_text, stated
from pipeline.core.outcome import Unreadable
from pipeline.core.quantity import Kind, Quantity
from pipeline.errors import Reason


def answer(text: str) -> Answer:
    found = from_text(text)
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize(
    ("solution", "convention", "value"),
    [
        ("Six boxes hold 6 * 4 = <<6*4=24>>24 pens.\n#### 24", Convention.GSM8K, "24"),
        ("It costs a lot.\n#### 1,450", Convention.GSM8K, "1450"),
        ("It costs a lot.\n#### $12.50", Convention.GSM8K, "25/2"),
        ("He owes money.\n#### -3", Convention.GSM8K, "-3"),
        ("So 3 + 4 = 7.\n#### 7\nThe answer is: 7", Convention.METAMATH, "7"),
        ("Hence $x = \\boxed{\\sqrt{7}}$.The answer is: \\sqrt{7}", Convention.METAMATH, "sqrt(7)"),
        ("The answer is: 3? No. It is 4.\nThe answer is: 4", Convention.METAMATH, "4"),
        ("#### 3/4", Convention.SIMPLEOP, "3/4"),
        ("#### 6/8", Convention.SIMPLEOP, "3/4"),
    ],
)
def test_each_source_states_its_answer_in_its_own_way(solution: str, convention: Convention, value: str) -> None:
    found = extract(solution, convention)
    assert isinstance(found, Answer)
    assert found.value == value
    assert found.confidence == 1.0


@pytest.mark.parametrize("convention", list(Convention))
def test_a_solution_without_an_answer_is_refused(convention: Convention) -> None:
    found = extract("Nothing is known about it.", convention)
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.NO_ANSWER


@pytest.mark.parametrize(
    ("solution", "question", "value", "least"),
    [
        ("There are 3 * 5 = 15 pens.\n\nTherefore, Ada has 15 pens.", "", "15", 0.95),
        ("20 * 0.5 = $10.00\n\nSo the 20 apples cost $10.00 in all.", "What do 20 apples cost?", "10", 0.95),
        ("We get x = 12 - 4.\nx = 8", "", "8", 0.9),
        ("Let us count. The sum is \\boxed{17}, as 8 + 9 = 17.", "", "17", 0.95),
        ("Out of 40 pupils, 5 are left.", "There are 40 pupils.", "5", 0.1),
    ],
)
def test_prose_gives_up_its_answer_and_how_sure_it_is(solution: str, question: str, value: str, least: float) -> None:
    found = extract(solution, Convention.ORCA_MATH, question)
    assert isinstance(found, Answer)
    assert found.value == value
    assert least <= found.confidence < 1


@pytest.mark.parametrize(
    ("text", "value", "kind", "unit"),
    [
        ("72/1", "72", AnswerKind.NUMBER, ""),
        ("\\frac{6}{8}", "3/4", AnswerKind.NUMBER, ""),
        ("\\frac34", "3/4", AnswerKind.NUMBER, ""),
        ("-\\dfrac{1}{2}", "-1/2", AnswerKind.NUMBER, ""),
        ("3\\frac{1}{2}", "7/2", AnswerKind.NUMBER, ""),
        ("10,\\!080", "10080", AnswerKind.NUMBER, ""),
        ("2{,}500{,}000", "2500000", AnswerKind.NUMBER, ""),
        (".45", "9/20", AnswerKind.NUMBER, ""),
        ("\\$18.90", "189/10", AnswerKind.NUMBER, "dollar"),
        ("25\\%", "1/4", AnswerKind.NUMBER, "percent"),
        ("60^\\circ", "60", AnswerKind.NUMBER, "degree"),
        ("12\\text{ inches}", "12", AnswerKind.NUMBER, "inches"),
        ("x = 5", "5", AnswerKind.NUMBER, ""),
        ("2\\sqrt{3}", "2*sqrt(3)", AnswerKind.EXPRESSION, ""),
        ("\\frac9\\pi", "9/pi", AnswerKind.EXPRESSION, ""),
        ("5x", "5*x", AnswerKind.EXPRESSION, ""),
        ("(3,-4)", "(3, -4)", AnswerKind.TUPLE, ""),
        ("[2,\\infty)", "[2, oo)", AnswerKind.TUPLE, ""),
        ("4,-1", "{-1, 4}", AnswerKind.SET, ""),
        ("\\text{(B)}", "B", AnswerKind.OPTION, ""),
        ("\\text{Friday}", "friday", AnswerKind.TEXT, ""),
        ("\\begin{pmatrix} 1 \\\\ -2 \\end{pmatrix}", "Matrix([[1], [-2]])", AnswerKind.EXPRESSION, ""),
    ],
)
def test_answers_have_one_canonical_form(text: str, value: str, kind: AnswerKind, unit: str) -> None:
    found = answer(text)
    assert (found.value, found.kind, found.unit) == (value, kind, unit)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("0.5", "\\frac{1}{2}"),
        ("$18$", "18"),
        ("25\\%", "25"),
        ("25\\%", "\\frac14"),
        ("12\\text{ cm}", "12"),
        ("\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}"),
        ("(x+1)^2", "x^2+2x+1"),
        ("1, 2", "2,1"),
        ("1 \\pm \\sqrt{2}", "1-\\sqrt{2}, 1+\\sqrt{2}"),
        ("(A)", "\\text{A}"),
        ("y = 2x + 1", "2x+1"),
        ("2x = 4", "x = 2"),
        ("(0.5, 3)", "\\left(\\frac12, 3\\right)"),
    ],
)
def test_different_ways_to_write_an_answer_are_equal(a: str, b: str) -> None:
    assert equal(answer(a), answer(b))
    assert equal(answer(b), answer(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("0.33", "\\frac{1}{3}"),
        ("5\\text{ cm}", "5\\text{ feet}"),
        ("(1,2)", "(2,1)"),
        ("(1,2)", "[1,2]"),
        ("(1,2)", "1,2"),
        ("A", "B"),
        ("x+1", "x+2"),
        ("\\sqrt{2}", "1.414"),
        ("\\text{even}", "\\text{odd}"),
        ("1, 2", "1, 2, 2"),
        ("2^{3^{9^9}}", "3"),
    ],
)
def test_different_answers_are_unequal(a: str, b: str) -> None:
    assert not equal(answer(a), answer(b))


@given(st.fractions(max_denominator=10**6))
def test_a_rational_reads_back_from_its_own_text(value: Fraction) -> None:
    found = answer(str(value))
    assert found.number == value
    assert found.value == str(value)


@settings(deadline=None)
@given(st.text(alphabet="0123456789xy+-/\\{}()[],.$% \\n=:^_abc", max_size=25))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    found = from_text(text)
    assert isinstance(found, Answer | Unreadable)


def quantity(value: str, kind: Kind = Kind.CARDINAL, unit: str = "") -> Quantity:
    return Quantity(Fraction(value), kind, 0, 1, unit)


def test_the_last_quantity_of_a_response_states_the_answer() -> None:
    assert stated((quantity("3"), quantity("24")), answer("24"))
    assert not stated((quantity("24"), quantity("3")), answer("24"))
    assert not stated((), answer("24"))


def test_a_spoken_percentage_states_a_bare_number_of_percents() -> None:
    assert stated((quantity("1/4", Kind.PERCENT),), answer("25"))
    assert stated((quantity("25"),), answer("25\\%"))
    assert not stated((quantity("1/5", Kind.PERCENT),), answer("25"))


@pytest.mark.parametrize("text", ["12\\mod 0", "f=62;'g", "9" * 5000])
def test_what_has_no_value_is_no_expression_and_raises_nothing(text: str) -> None:
    found = from_text(text)
    assert isinstance(found, Unreadable) or found.value


def test_equation_with_two_signs_is_an_answer_and_no_crash() -> None:
    found = from_text("t = ±7")

    assert isinstance(found, Answer)
    assert found.kind is not AnswerKind.NUMBER
