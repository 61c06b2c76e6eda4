"""Items of our own in the manner of evaluation sets, and problems that are, resemble or only quote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.contamination import Items, Kind
from pipeline.core.wording import wording

ITEMS = (
    "Nora picks 24 plums in the orchard and gives 9 of them to her neighbour. Then she picks a dozen more. How many "
    "plums does she have in the end?",
    "What is 7 plus 5?",
    "What is the value of $3x - 4$ when $x = 6$?",
    "How many prime numbers are there between the two smallest even squares that are greater than one?",
)
NORA, SUM, VALUE, PRIMES = range(4)
NGRAM, SHARE = 8, 0.6


def items(ngram: int = NGRAM, share: float = SHARE) -> Items:
    return Items([wording(text) for text in ITEMS], ngram, share)


def found(text: str) -> tuple[Kind, int] | None:
    match = items().match(wording(text))
    return None if match is None else (match.kind, match.item)


@pytest.mark.parametrize("item", range(len(ITEMS)))
def test_an_item_is_found_as_it_stands_and_in_other_writing(item: int) -> None:
    assert found(ITEMS[item]) == (Kind.SAME, item)
    assert found(ITEMS[item].upper().replace("24", "Twenty-Four")) == (Kind.SAME, item)


def test_numbers_are_compared_by_value() -> None:
    assert found(ITEMS[NORA].replace("a dozen", "twelve")) == (Kind.NGRAM, NORA)
    assert found("What is seven plus 5") == (Kind.SAME, SUM)


def test_a_quotation_is_found_with_its_words_and_share() -> None:
    match = items().match(wording("Here is a riddle from the fair. " + ITEMS[NORA] + " Explain."))
    assert match is not None
    assert (match.kind, match.item, match.share) == (Kind.NGRAM, NORA, 1.0)
    assert "nora picks twenty four plums in the orchard" in match.span


def test_a_few_changed_words_do_not_hide_an_item() -> None:
    changed = ITEMS[NORA].replace("plums in the orchard", "plums in the garden").replace("in the end", "at last")
    assert found(changed) == (Kind.NGRAM, NORA)


def test_other_numbers_make_another_problem_which_is_counted() -> None:
    assert found(ITEMS[NORA].replace("24", "31")) == (Kind.TEMPLATE, NORA)
    assert found("What is 8 plus 5?") == (Kind.TEMPLATE, SUM)
    assert found("What is the value of $3x - 4$ when $x = 9$?") == (Kind.TEMPLATE, VALUE)


def test_short_items_are_found_only_as_a_whole() -> None:
    assert found("What is 5 plus 7?") == (Kind.TEMPLATE, SUM)
    assert found("Add 7 and 5.") is None
    assert found("What is 7 plus 5? Take the result and multiply it by the number of days in a week.") is None


def test_words_in_a_row_that_are_little_of_an_item_are_no_item() -> None:
    assert found("Omar wonders how many prime numbers are there between the two bridges on his map.") is None


def test_nothing_is_like_an_empty_text_or_in_an_empty_set() -> None:
    assert Items([], NGRAM, SHARE).match(wording(ITEMS[NORA])) is None
    assert Items([wording("")], NGRAM, SHARE).match(wording("")) is None


@given(st.integers(2, 10**6), st.integers(2, 10**6))
def test_a_row_with_another_number_is_never_an_item(first: int, second: int) -> None:
    text = ITEMS[NORA].replace("24", f"{first:,}").replace("9 of", f"{second:,} of")
    match = items().match(wording(text))
    assert match is not None
    assert (match.kind is not Kind.TEMPLATE) == (
        {first, second} == {24, 9} or sorted((first, second, 12)) == [9, 12, 24]
    )


@given(st.lists(st.sampled_from(ITEMS), min_size=1, unique=True), st.integers(0, 3))
def test_what_an_item_is_like_hangs_on_no_other_item_but_their_order(texts: list[str], at: int) -> None:
    chosen = Items([wording(text) for text in texts], NGRAM, SHARE)
    match = chosen.match(wording(ITEMS[at]))
    assert (match is not None and texts[match.item] == ITEMS[at]) == (ITEMS[at] in texts)


def test_words_that_scale_are_compared_though_they_have_no_value() -> None:
    item = "Ben swims a lap in the pool. Lea swims a double lap. How many laps do they both swim together?"
    found = Items([wording(item)], NGRAM, SHARE).match(wording(item.replace("double", "triple")))
    assert found is not None
    assert found.kind is Kind.TEMPLATE


@pytest.mark.parametrize("item", [0, 7, 55, 99])
def test_an_item_is_found_among_many_of_its_template(item: int) -> None:
    crates = [
        f"A crate holds {n} red apples and {n + 3} green ones. How many apples does the crate hold altogether?"
        for n in range(100, 300, 2)
    ]
    found = Items([wording(text) for text in crates], NGRAM, SHARE)
    match = found.match(wording(f"This is the next riddle. {crates[item]}"))
    assert match is not None
    assert (match.kind, match.item) == (Kind.NGRAM, item)
    other = found.match(wording("This is the next riddle. " + crates[item].replace(" and ", " and again ")))
    assert other is not None
    assert (other.kind, other.item) == (Kind.NGRAM, item)
    unlike = found.match(wording("This is the next riddle. " + crates[item].replace("1", "7").replace("2", "7")))
    assert unlike is not None
    assert unlike.kind is Kind.TEMPLATE
