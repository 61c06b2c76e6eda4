from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.phrases import may_begin, phrase_at
from pipeline.core.reading import reading
from pipeline.core.text import same_length
from pipeline.core.tokens import Tokens

_WORDS = (
    "ab",
    "ax",
    "squared",
    "^",
    "2",
    "half",
    "a",
    "dozen",
    "$",
    "3.5",
    ".",
    "twenty",
    "-",
    "five",
    "x",
    "½",
    "²",
    "\n",
    "'",
)


@given(st.lists(st.sampled_from(_WORDS), max_size=12), st.sampled_from(("", " ")))
def test_it_finds_what_begins_at_each_token(words: list[str], blank: str) -> None:
    text = same_length(blank.join(words))
    tokens, read = Tokens(text), reading(text)
    for i in range(tokens.count):
        alone = phrase_at(tokens, i) if may_begin(tokens, i) else None
        assert read.phrase(i) == alone
        assert read.phrase(i) is read.phrase(i)


def test_the_next_opener_skips_words_and_stops() -> None:
    read = reading("She has, they say, two red pens.")
    assert read.tokens.words[read.opener(0)] == "two"
    assert read.opener(read.opener(0) + 1) == read.tokens.count
