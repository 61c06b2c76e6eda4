import pytest

from pipeline.core.faithful import copied, foreign, foreign_question, lost

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


@pytest.mark.parametrize(
    "question",
    [
        "Ein Gärtner pflanzt acht Rosen und kauft fünf dazu. Wie viele Rosen blühen jetzt bei ihm im Garten?",
        "Una jardinera tiene ocho rosas y compra cinco más. ¿Cuántas rosas tiene ahora en el jardín?",
        "Un jardinier plante huit roses et en achète cinq. Combien de roses possède-t-il maintenant ?",
    ],
)
def test_a_question_in_another_language_is_not_english(question: str) -> None:
    assert "the question is not English" in str(foreign_question(question))


@pytest.mark.parametrize(
    "question",
    [
        "Yesterday Nora collected 20 shells, Omar 30 shells and Ida 40 shells. How many shells did all three collect?",
        r"Compute $\sin 40^\circ + \sin 50^\circ + \sin 60^\circ - \cos 70^\circ - \cos 80^\circ - \cos 10^\circ$.",
        "Simplify cos 36 minus cos 72.",
        "Nora: 12*3+4-5*6/2 = ?",
        "",
    ],
)
def test_formulas_and_short_questions_are_taken_as_they_are(question: str) -> None:
    assert foreign_question(question) is None
