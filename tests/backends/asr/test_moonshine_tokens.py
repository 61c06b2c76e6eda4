import importlib.util
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.backends.asr.moonshine_tokens import Tokens

_PACKAGE = importlib.util.find_spec("moonshine_voice")
assert _PACKAGE is not None
assert _PACKAGE.origin is not None
TOKENS = Tokens(Path(_PACKAGE.origin).parent / "assets/tiny-en/tokenizer.bin")


@given(
    st.text(st.characters(exclude_categories=("Z", "C"), exclude_characters="▁ "), min_size=1),
    st.text("abc "),
)
def test_decoding_gives_back_the_text(word: str, rest: str) -> None:
    text = " ".join(f"{word} {rest}".split())
    assert TOKENS.decode(TOKENS.encode(text)) == text


def test_common_words_are_single_tokens_and_digits_stand_alone() -> None:
    assert len(TOKENS.encode("the goats are in the garden")) <= 8
    assert [TOKENS.decode([i]) for i in TOKENS.encode("48")] == ["", "4", "8"]


def test_an_unknown_character_falls_back_to_its_bytes() -> None:
    assert len(TOKENS.encode("𐎀")) == 5  # the space before it, and four bytes
