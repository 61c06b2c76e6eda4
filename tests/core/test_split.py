"""A solution becomes exact silent reasoning and speech that a listener can follow."""

from collections import Counter
from fractions import Fraction

import pytest

from pipeline.core.answer import Answer, Convention, extract
from pipeline.core.count import count, words
from pipeline.core.gates import Limits, check_answer
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.speak import residue
from pipeline.core.split import Split, split
from pipeline.core.steps import false_equation, read_steps
from pipeline.errors import Reason

FIGS = (
    "Rosa picked 36 figs on Monday, and on Tuesday she picked a third as many figs. "
    "How many figs did Rosa pick in all?",
    "Rosa picked 36/3 = <<36/3=12>>12 figs on Tuesday.\nRosa picked 36+12 = <<36+12=48>>48 figs in all.\n#### 48",
)
ROPE = (
    "A rope costs $2.50 a foot. Ana buys 8 feet of rope and pays with a $50 bill. How much change does she get?",
    "The rope costs 8 x $2.5 = $<<8*2.5=20>>20.\nShe gets back $50 - $20 = $<<50-20=30>>30.\n#### 30",
)
COMMANDS = (
    "Each of 4 trays holds 12 buns. Lea eats 3 of the buns. How many buns are left?",
    "First find the total number of buns: 4 trays * 12 buns/tray = <<4*12=48>>48 buns\n"
    "Then subtract the buns she ate: 48 buns - 3 buns = <<48-3=45>>45 buns\n#### 45",
)
LETTERS = (
    "Ben is 3 times as old as Kim, and together they are 40 years old. How old is Kim?",
    "Let x be Kim's age.\n3x + x = 40\n4x = 40\nx = <<10=10>>10\n#### 10",
)
BARE = (
    "A shop sells 5 hats at $7 each and 2 scarves at $9 each. How much does the shop earn?",
    "5*7=<<5*7=35>>35\n2*9=<<2*9=18>>18\n35+18=<<35+18=53>>53\n#### 53",
)
PROSE = (
    "Tom reads 15 pages a day for 4 days. How many pages does Tom read?",
    "Since Tom reads for 4 days (every evening), he reads 15 × 4 = 60 pages; that is his whole book.\n#### 60",
)
ALL = (FIGS, ROPE, COMMANDS, LETTERS, BARE, PROSE)


def parts(row: tuple[str, str], key: str = "k", convention: Convention = Convention.GSM8K) -> Split | Unreadable:
    answer = extract(row[1], convention, row[0])
    assert isinstance(answer, Answer)
    return split(row[0], row[1], answer, convention, key)


def accepted(row: tuple[str, str], key: str = "k") -> Split:
    found = parts(row, key)
    assert isinstance(found, Split), found
    return found


@pytest.mark.parametrize("row", ALL)
@pytest.mark.parametrize("key", ["a", "b", "c", "d"])
def test_every_kind_of_solution_passes_the_gates(row: tuple[str, str], key: str) -> None:
    found = accepted(row, key)
    answer = extract(row[1], Convention.GSM8K)
    assert isinstance(answer, Answer)
    assert check_answer(row[0], found.reasoning, found.response, answer, Limits()) is None
    assert residue(found.response) is None
    assert not any(character.isdigit() for character in found.response)
    assert read(found.response)[-1].value == Fraction(answer.value)


def test_the_reasoning_holds_labelled_equations_in_order() -> None:
    found = accepted(FIGS)
    assert found.reasoning.startswith("Rosa picked: 36/3 = 12 figs on Tuesday.\nRosa picked: 36 + 12 = 48 figs")
    assert [step.value for step in read_steps(found.reasoning)] == [12, 48]
    assert "<<" not in found.reasoning


def test_the_response_opens_with_what_is_asked_and_states_nothing_yet() -> None:
    opening = accepted(FIGS).response.split(".")[0]
    assert "how many figs Rosa picked" in opening
    assert read(opening) == ()


def test_results_are_told_in_the_order_they_are_derived() -> None:
    for key in "abcdefgh":
        response = accepted(FIGS, key).response
        assert response.index("twelve figs on Tuesday") < response.rindex("forty eight")


def test_commands_and_labels_of_written_working_become_speech() -> None:
    for key in "abcdefgh":
        response = accepted(COMMANDS, key).response.lower()
        assert "first find" not in response
        assert ":" not in response
        assert "the total number of buns is forty eight" in response


def test_asides_and_reasons_are_left_out_of_speech() -> None:
    responses = [accepted(PROSE, key).response for key in "abcdefgh"]
    assert all("evening" not in response and "ince " not in response for response in responses)


def test_money_is_said_as_money() -> None:
    assert all("thirty dollars" in accepted(ROPE, key).response for key in "abcdefgh")


def test_the_same_key_says_the_same_and_other_keys_differ() -> None:
    assert accepted(FIGS, "one") == accepted(FIGS, "one")
    assert len({accepted(FIGS, str(k)).response for k in range(30)}) > 25


def test_no_opening_is_heard_in_more_than_a_twentieth_of_rows() -> None:
    heard = Counter(" ".join(accepted(BARE, str(k)).response.split(".")[0].split()[:4]) for k in range(1000))
    assert heard.most_common(1)[0][1] <= 50


@pytest.mark.parametrize("row", ALL)
def test_lengths_suit_a_listener(row: tuple[str, str]) -> None:
    for key in "abcdefgh":
        found = accepted(row, key)
        assert words(found.response) <= 60
        assert count(found.reasoning) <= 4 * count(found.response)


def test_a_false_equation_is_named() -> None:
    found = parts((FIGS[0], "Rosa picked 36/3 = 13 figs on Tuesday.\nSo 36+12 = 48 figs.\n#### 48"))
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.WRONG_ARITHMETIC
    assert found.detail == "36/3 = 13"


def test_declared_rounding_is_no_falsehood() -> None:
    row = ("Three friends share 10 dollars. How much is each share?", "Each gets 10 / 3 = $3.33.\n#### 3.33")
    assert false_equation(accepted(row).reasoning) is None


def test_an_answer_that_nothing_derives_is_refused() -> None:
    found = parts((FIGS[0], "Rosa picked 36/3 = 12 figs on Tuesday.\nShe picked 36 + 12 = 48 figs.\n#### 50"))
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.WRONG_ANSWER


def test_a_solution_that_only_states_its_answer_gets_a_step_for_it() -> None:
    row = ("Kim is 5th in a queue. How many people are before Kim?", "There are 4 people before Kim.\n#### 4")
    found = accepted(row)
    assert [step.value for step in read_steps(found.reasoning)] == [4]


def test_people_write_chains_that_run_on() -> None:
    row = (
        "A film lasts 2 hours and a short lasts 15 minutes. How many minutes do both last?",
        "They last 2 * 60 = 120 + 15 = 135 minutes.\n#### 135",
    )
    found = accepted(row)
    assert false_equation(found.reasoning) is None
    assert read_steps(found.reasoning)[-1].value == 135


def test_metamath_marks_are_taken_off() -> None:
    row = (FIGS[0], "Rosa picked 36/3 = 12 figs on Tuesday, so 36 + 12 = 48 in all.\n#### 48\nThe answer is: 48")
    found = parts(row, convention=Convention.METAMATH)
    assert isinstance(found, Split)
    assert "####" not in found.reasoning
    assert "The answer is:" not in found.reasoning


def test_unmarked_prose_is_split() -> None:
    row = (
        "A baker has 50 rolls and sells 18 of them. How many rolls are left?",
        "To find how many rolls are left, we subtract:\n\n50 rolls - 18 rolls = 32 rolls\n\n"
        "Therefore, 32 rolls are left.",
    )
    found = parts(row, convention=Convention.ORCA_MATH)
    assert isinstance(found, Split)
    assert "thirty two" in found.response


def test_lists_and_announcements_are_no_steps() -> None:
    row = (
        "Mo buys 3 pens at $2 each and 2 pads at $4 each. How much does Mo pay?",
        "Let's find the cost of each item:\n- Pens: 3 pens * $2/pen = $6\n- Pads: 2 pads * $4/pad = $8\n\n"
        "Total = $6 + $8 = $14\n\nSo Mo pays $14.",
    )
    found = parts(row, convention=Convention.ORCA_MATH)
    assert isinstance(found, Split)
    assert found.reasoning.split("\n")[0] == "Pens: 3 * $2 = $6."


TWO_PEOPLE = (
    "Ben has 11 dogs and 6 cats. Mia has 2 birds. How many pets does Mia have more than Ben has dogs, if she buys 12?",
    "Ben has 11+6=<<11+6=17>>17 pets.\nMia has 2+12=<<2+12=14>>14 pets.\nShe has 14-9=<<14-9=5>>5 more.\n#### 5",
)
BALANCE = (
    "Ana owes $100. She pays back $40 and is charged $6. What is the new balance?",
    "The new balance is 100-40=$<<100-40=60>>60.\nThe new balance is 60+6=$<<60+6=66>>66.\n#### 66",
)
STEPS = (
    "Take 30. Add 97, then multiply by 7, then subtract 98. What is the result?",
    "After adding: 30 + 97 = 127\nAfter multiplying: 127 * 7 = 889\nAfter subtracting: 889 - 98 = 791\n#### 791",
)


@pytest.mark.parametrize("key", list("abcdefgh"))
def test_a_name_is_said_with_its_own_result(key: str) -> None:
    response = accepted(TWO_PEOPLE, key).response
    assert "Mia has seventeen" not in response
    assert "she has seventeen" not in response.lower()
    assert "Ben has fourteen" not in response


@pytest.mark.parametrize("key", list("abcdefgh"))
def test_the_same_thing_is_not_told_with_two_values(key: str) -> None:
    response = accepted(BALANCE, key).response
    assert response.count("balance is") == 1


@pytest.mark.parametrize("key", list("abcdefgh"))
def test_bare_results_are_said_with_their_operands(key: str) -> None:
    response = accepted(BARE, key).response.lower()
    assert "five" in response.split("thirty five")[0]
    assert not any(phrase in response for phrase in ("multiplying gives us", "adding up", "the product"))


@pytest.mark.parametrize("key", list("abcdefgh"))
def test_a_chain_of_steps_is_told_in_one_run(key: str) -> None:
    response = accepted(STEPS, key).response.lower()
    assert "ninety seven" in response
    assert response.index("one hundred twenty seven") < response.index("eight hundred eighty nine")


@pytest.mark.parametrize("row", [FIGS, ROPE, COMMANDS, PROSE])
def test_the_last_sentence_says_what_was_asked(row: tuple[str, str]) -> None:
    for key in "abcdefgh":
        last = accepted(row, key).response.rstrip(".").rsplit(". ", 1)[-1]
        assert len(last.split()) >= 5
        assert "the answer" not in last


def test_labels_end_with_no_loose_word() -> None:
    row = (
        "Mo buys a bun for $3 and a tea for $2. How much does he pay?",
        "He buys a plain bun for a coin and a $3 + $2 = $<<3+2=5>>5.\n#### 5",
    )
    label = accepted(row).reasoning.split(":")[0]
    assert label.split()[-1].lower() not in ("a", "an", "and", "for", "the")


@pytest.mark.parametrize(
    ("question", "solution", "ending"),
    [
        ("What percent of 60 is 45?", "45/60*100 = 75\n#### 75", "seventy five percent."),
        ("What is 2.5 gallons in quarts?", "2.5 * 4 = 10\n#### 10", "ten quarts."),
        (
            "A tile is 4 cm by 6 cm. What is its area?",
            "Area = 4 * 6 = 24 cm²\n#### 24",
            "twenty four square centimeters.",
        ),
        ("Bo had $90 and drew $35. What is his balance?", "90 - 35 = 55\n#### 55", "fifty five dollars."),
    ],
)
def test_the_answer_is_said_in_the_unit_asked_for(question: str, solution: str, ending: str) -> None:
    found = answered(question, solution)

    assert isinstance(found, Split)
    assert found.response.endswith(ending)


@pytest.mark.parametrize("key", list("abcdefgh"))
def test_a_signed_answer_is_not_signed_again(key: str) -> None:
    row = (
        "Bo had $90 and drew $35. How much money does Bo have?",
        "After drawing money Bo has $55 because 90 - 35 = 55\n#### 55",
    )

    assert "has dollars" not in accepted(row, key).response


@pytest.mark.parametrize(
    ("question", "refused"),
    [("Is 15 more than 7 + 4?", True), ("Can you work out how much more than 11 it is?", False)],
)
def test_a_yes_or_no_question_has_no_number_for_an_answer(question: str, refused: bool) -> None:
    found = answered(question, "7 + 4 = 11\n15 - 11 = 4\n#### 4")

    assert isinstance(found, Unreadable) == refused
    assert not isinstance(found, Unreadable) or found.reason is Reason.WRONG_ANSWER


def answered(question: str, solution: str) -> Split | Unreadable:
    answer = extract(solution, Convention.GSM8K)
    assert isinstance(answer, Answer)
    return split(question, solution, answer, Convention.GSM8K, "key")


@pytest.mark.parametrize(
    ("question", "solution", "reasoning"),
    [
        ("What is the area?", "Area = 6.5 cm²\n#### 6.5", "Area = 6.5 cm²."),
        ("How long is each part?", "Each part: 7.5 m / 3 = 2.5 m\n#### 2.5", "Each part: 7.5 / 3 = 2.5 m."),
        ("How long does it take?", "Time = way / speed = 9 km / 6 km/h = 1.5 h\n#### 1.5", "Time: 9 / 6 = 1.5 h."),
        ("What is 8 sin 30°?", "sin30° = 0.5\n8*0.5 = 4\n#### 4", "sin30° = 0.5."),
    ],
)
def test_units_and_signs_of_an_equation_stay_its_own(question: str, solution: str, reasoning: str) -> None:
    found = answered(question, solution)

    assert isinstance(found, Split)
    assert reasoning in found.reasoning.split("\n")


def test_a_result_in_millions_is_said_in_millions() -> None:
    found = answered(
        "A fund of $9 million pays out $2.5 million. How much money is left?", "9 - 2.5 = $6.5 million\n#### 6.5"
    )

    assert isinstance(found, Split)
    assert "six point five million dollars" in found.response


def test_only_the_last_result_is_called_what_the_question_asks_for() -> None:
    found = answered(
        "What is 340 times 21?", "The product is 340*20 = 6800.\n340*1 = 340.\nThat makes 6800+340 = 7140.\n#### 7140"
    )

    assert isinstance(found, Split)
    assert "product is six thousand" not in found.response


def test_a_difference_of_growing_numbers_is_no_range() -> None:
    found = answered("What is 8 - 95?", "8 - 95 = -87\n#### -87")

    assert isinstance(found, Split)
    assert " to ninety five" not in found.response
    assert found.response.endswith("negative eighty seven.")


def test_degrees_stay_with_their_angles() -> None:
    found = answered("What is the third angle?", "180° - 85° - 40° = 55°\n#### 55")

    assert isinstance(found, Split)
    assert "180° - 85° - 40° = 55°." in found.reasoning.split("\n")
    assert found.response.endswith("fifty five degrees.")


def test_givens_are_those_of_the_question_as_it_is_heard() -> None:
    question = "A jug holds 8 cups. Mo drinks 3 cups. How many cups are left?"
    heard = "A jug holds a few cups. Mo drinks three cups. How many cups are left?"
    solution = "8 - 3 = 5\n#### 5"
    answer = extract(solution, Convention.GSM8K)
    assert isinstance(answer, Answer)

    responses = set()
    for key in map(str, range(40)):
        found = split(question, solution, answer, Convention.GSM8K, key, heard=heard)
        assert isinstance(found, Split)
        responses.add("eight" in found.response)

    assert responses == {False}
