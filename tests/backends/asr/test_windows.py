from pipeline.backends.asr.windows import Cut, cut_texts, cut_where

TEXT = "She has nine jars. Each holds two litres. How many litres are there?"
# one word a second, "has" misheard
HEARD = [(word, float(i), i + 0.8) for i, word in enumerate(TEXT.replace("has", "is").split())]


def test_the_last_place_between_two_words_that_agree_is_taken() -> None:
    # before "many": "How" ends at 8.8, "many" begins at 9
    assert cut_where(TEXT, HEARD, 9.5) == Cut(TEXT.index("many"), 8.9)
    assert cut_where(TEXT, HEARD, 5.0) == Cut(TEXT.index("holds"), 4.9)


def test_next_to_a_word_that_was_misheard_nothing_is_cut() -> None:
    assert cut_where(TEXT, HEARD, 2.5) is None
    assert cut_where(TEXT, [], 9.0) is None


def test_texts_are_cut_where_the_first_is() -> None:
    replaced, dropped = TEXT.replace("nine", "nineteen"), TEXT.replace("two ", "")
    before, behind = cut_texts([TEXT, replaced, dropped], TEXT.index("Each"))
    assert before == ["She has nine jars.", "She has nineteen jars.", "She has nine jars."]
    assert behind == [
        "Each holds two litres. How many litres are there?",
        "Each holds two litres. How many litres are there?",
        "Each holds litres. How many litres are there?",
    ]
