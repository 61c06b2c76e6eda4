from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import numwords
from pipeline.core.confusions import alternatives
from pipeline.core.wer import compare

SPOKEN = "Sixty jars hold two and a half litres each. How many litres are there?"


def test_nothing_disputed_leaves_nothing_to_weigh() -> None:
    assert alternatives(SPOKEN, "60 cars hold two and a half litres each. How many litres are there?") == ()


def test_a_disputed_quantity_is_put_as_heard_left_out_and_replaced_by_its_neighbours() -> None:
    others = alternatives(SPOKEN, "Nineteen jars hold two and a half litres each. How many litres are there?")
    starts = [other.split(" jars")[0] for other in others if " jars" in other]
    assert starts[0] == "Nineteen"
    assert "Sixteen" in starts
    assert others[1].startswith("Jars hold") or others[1].startswith("jars hold")
    assert all(other.endswith("hold two and a half litres each. How many litres are there?") for other in others)


def test_each_word_of_a_long_number_may_be_the_wrong_one() -> None:
    others = alternatives("She has forty eight jars.", "She has 40 jars.")
    assert {
        "She has forty jars.",
        "She has forty eighty jars.",
        "She has fifty eight jars.",
        "She has jars.",
    } <= {*others}


def test_an_added_quantity_is_put_where_it_was_heard() -> None:
    assert alternatives("She fills jars with honey.", "She fills nine jars with honey.") == (
        "She fills nine jars with honey.",
    )


def test_a_number_that_is_left_out_leaves_its_unit() -> None:
    others = alternatives("She swims for two hours.", "She swims four hours.")
    assert {"She swims for hours.", "She swims for four hours."} <= {*others}


def test_an_added_number_may_be_part_of_the_quantity_beside_it() -> None:
    others = alternatives("He eats one half cup of rice.", "He eats four half cup of rice.")
    assert "He eats four half cup of rice." in {*others}
    assert "He eats three half cup of rice." in {*others}


def test_a_word_heard_as_a_quantity_is_put_as_heard() -> None:
    assert alternatives("Her honey is fine today.", "Her honey is nine today.") == ("Her honey is nine today.",)


@given(said=st.integers(2, 99_999), heard=st.integers(2, 99_999))
def test_the_text_as_heard_is_always_among_them(said: int, heard: int) -> None:
    written = f"The farm sold {numwords.cardinal(said)} jars of honey."
    others = alternatives(written, f"The farm sold {heard} jars of honey.")
    if said == heard:
        assert others == ()
    else:
        assert others[0] == f"The farm sold {numwords.cardinal(heard)} jars of honey."
        assert written not in others
        assert not any(compare(written, other).quantities_agree for other in others[:2])


def test_every_number_word_of_its_kind_is_weighed() -> None:
    # heard as "50 for": only the text that says fifty four is what was spoken
    others = alternatives("She buys twenty four hats.", "She buys 50 for hats.")
    assert {f"She buys {tens} four hats." for tens in ("thirty", "forty", "fifty", "ninety")} <= {*others}


def test_a_number_joined_to_a_word_stays_joined() -> None:
    others = alternatives("He writes a three-page letter.", "He writes a two-page letter.")
    assert {"He writes a two-page letter.", "He writes a nine-page letter.", "He writes a page letter."} <= {*others}
    assert not any(" -" in other for other in others)
