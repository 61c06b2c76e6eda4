import pytest

from pipeline.core.split_asking import asks_percent, last_sentence, sentences, unit_asked, wants_yes_or_no


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Mia has 3 mugs. How many are left?", ("Mia has 3 mugs.", "How many are left?")),
        ("Mr. Poe and Mrs. Day met Dr. Fox. Why?", ("Mr. Poe and Mrs. Day met Dr. Fox.", "Why?")),
        ("One line\nand another", ("One line", "and another")),
        ("It costs $2.50 now.", ("It costs $2.50 now.",)),
        ("", ()),
    ],
)
def test_a_question_is_cut_into_sentences(text: str, parts: tuple[str, ...]) -> None:
    assert sentences(text) == parts
    assert last_sentence(text) == (parts[-1] if parts else "")


def test_the_last_sentence_tells_the_form_of_the_answer() -> None:
    assert wants_yes_or_no("Mia has 3 mugs. Is that enough for 4 guests?")
    assert not wants_yes_or_no("Is it late? How many mugs are left?")
    assert asks_percent("She sold 3 of 4. What percentage is that?")
    assert unit_asked("How much milk is that in quarts?") == "quarts"
    assert unit_asked("How much milk is in the jug?") == ""
