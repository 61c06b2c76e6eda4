import pytest

from pipeline.core.faithful import copied, foreign, lost

ENGLISH = "Okay, let us count the rolls. All trays hold ninety six rolls. After the sale, twenty six rolls are left."
TERSE = "Well, let me work out Ida's age. Therefore Ida's age is six years old."
EXAMPLE = "Sure, we first ask what the melons weigh. All of them together weigh forty two kilograms on the scale."


@pytest.mark.parametrize("text", [ENGLISH, TERSE, EXAMPLE])
def test_english_is_english_however_terse(text: str) -> None:
    assert foreign(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Vale, contemos los panes. Las bandejas tienen ninety six panes. Tras la venta quedan twenty six panes.",
        "Gut, zählen wir die Brötchen. Auf den Blechen sind ninety six Brötchen. Am Ende bleiben twenty six übrig.",
        "Bon, comptons les pains. Les plateaux portent ninety six pains. Il en reste twenty six.",
        "好的，我们来数面包。一共有 ninety six 个。最后剩下 twenty six 个。",
    ],
)
def test_another_language_is_named_though_its_numbers_are_english(text: str) -> None:
    assert "not English" in str(foreign(text))


def test_reading_aloud_loses_no_word_and_another_story_does() -> None:
    written = r"Ida's $\frac{3}{4}$ kg of flour costs $2.50 at Omar's shop. How much is 1 kg of flour?"
    spoken = (
        "Ida's three quarters of a kilogram of flour costs two dollars and fifty cents at Omar’s shop. "
        "How much is one kilogram of flour?"
    )
    assert lost(written, spoken) is None
    found = lost(written, spoken.replace("flour", "sand").replace("costs", "sells for").replace("shop", "yard"))
    assert found is not None
    assert "costs, flour, shop" in found


def test_a_run_of_words_from_the_example_is_copied_unless_the_problem_has_it_too() -> None:
    assert copied(ENGLISH, EXAMPLE, "") is None
    stolen = f"{ENGLISH} All of them together weigh forty two kilograms on the scale."
    assert copied(stolen, EXAMPLE, "") == "it is copied from an example: all of them together weigh forty two"
    assert copied(stolen, EXAMPLE, "All of them together weigh forty two kilograms on the scale.") is None
    assert copied("Sure, we first ask what the plums cost.", EXAMPLE, "") is None
