"""MetaMathQA's eight types, from the raw row to the two texts; every row is made up in the form of its type."""

import pytest

from pipeline.core.answer import Answer, extract
from pipeline.core.gates import Limits, check
from pipeline.core.speak import residue, speak
from pipeline.core.split import Split, split
from schemas.rows import Problem
from sources import metamath

ROWS = {
    "GSM_AnsAug": (
        "Ottilie folds 14 paper cranes an hour for 3 hours and gives 9 of them away. How many does she keep?",
        "Ottilie folds 14 * 3 = 42 paper cranes.\nShe keeps 42 - 9 = 33 paper cranes.\n#### 33\nThe answer is: 33",
        "33",
    ),
    "GSM_Rephrased": (
        "What does Pelle pay in total for 6 jars of honey, if a jar costs $7 and he has a coupon for $5?",
        "The 6 jars cost 6 * $7 = $42.\nWith the coupon Pelle pays $42 - $5 = $37.\n#### 37\nThe answer is: 37",
        "37",
    ),
    "GSM_SV": (
        "Runa saws a beam of x inches into pieces of 8 inches each. She gets 12 pieces. What is the value of unknown "
        "variable x?",
        "Runa gets 12 pieces of 8 inches each.\nThe beam measures 12 * 8 = 96 inches.\nThe value of x is 96.\n#### 96\n"
        "The answer is: 96",
        "96",
    ),
    "GSM_FOBAR": (
        "Sverre sells x pies at $4 each and pays $10 for his stall. How much is left? If we know the answer to the "
        "above question is 50, what is the value of unknown variable x?",
        "Sverre gets 4 * x dollars for the pies.\nAfter paying for the stall he has 4x - 10 dollars.\n"
        "We know that 4x - 10 = 50.\nAdding 10 gives 4x = 50 + 10 = 60.\nSo x = 60 / 4 = 15.\n#### 15\n"
        "The answer is: 15",
        "15",
    ),
    "MATH_AnsAug": (
        "Compute $\\frac{5}{6} \\cdot 18 - 4$.",
        "We have $\\frac{5}{6} \\cdot 18 = 15$.\nThen $15 - 4 = \\boxed{11}$.\nThe answer is: 11",
        "11",
    ),
    "MATH_Rephrased": (
        "What is the area of a triangle whose base is $9$ and whose height is $4$?",
        "The area of a triangle is $\\frac{1}{2} \\cdot 9 \\cdot 4 = \\boxed{18}$.\nThe answer is: 18",
        "18",
    ),
    "MATH_SV": (
        "The sum of $x$ and $27$ is $61$. What is the value of unknown variable x?",
        "We know that $x + 27 = 61$.\nSubtracting $27$ from both sides gives $x = 61 - 27 = \\boxed{34}$.\n"
        "The answer is: 34",
        "34",
    ),
    "MATH_FOBAR": (
        "What is $x$ percent of $80$? If we know the answer to the above question is $20$, what is the value of "
        "unknown variable x?",
        "We know that $\\frac{x}{100} \\cdot 80 = 20$.\nSo $x = \\frac{20 \\cdot 100}{80} = \\boxed{25}$.\n"
        "The answer is: 25",
        "25",
    ),
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_of_every_type_is_accepted(kind: str) -> None:
    query, response, value = ROWS[kind]
    problem = metamath.SOURCE.parse(
        {"query": query, "response": response, "original_question": query, "type": kind}, "0"
    )
    assert isinstance(problem, Problem)
    assert problem.subset == kind
    heard = speak(problem.question)
    answer = extract(problem.solution, metamath.SOURCE.convention, problem.question)
    assert isinstance(heard, str)
    assert isinstance(answer, Answer)
    assert answer.value == value
    made = split(problem.question, problem.solution, answer, metamath.SOURCE.convention, "0", heard=heard)
    assert isinstance(made, Split), made
    assert residue(made.response) is None
    assert check(problem.question, heard, made.reasoning, made.response, answer, Limits()) is None


def test_the_answer_that_a_row_gives_away_does_not_make_another_right() -> None:
    query, response, _ = ROWS["GSM_FOBAR"]
    wrong = response.replace("= 15", "= 16").replace("15", "16")
    answer = extract(wrong, metamath.SOURCE.convention, query)
    assert isinstance(answer, Answer)
    made = split(query, wrong, answer, metamath.SOURCE.convention, "0")
    assert not isinstance(made, Split)
    assert made.reason == "wrong_arithmetic"
