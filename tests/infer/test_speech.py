import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from hypothesis import given
from hypothesis import strategies as st

from pipeline.backends.tokenizer import load
from pipeline.infer.speech import MOST_WORDS, Boundary, Phrases, TextStream

QWEN = load("qwen2.5")


def cut(pieces: list[str], boundary: Boundary = Boundary.CLAUSE) -> list[str]:
    phrases = Phrases(boundary)
    return [phrase for piece in pieces for phrase in phrases.push(piece)] + phrases.end()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Well, that is six. So: seven!", ["Well,", "that is six.", "So:", "seven!"]),
        ("It is five p.m. now", ["It is five p.m.", "now"]),
        ("... So six", ["... So six"]),
        ("", []),
        (" - ", []),
        ("no end", ["no end"]),
    ],
)
def test_a_clause_ends_at_punctuation_before_a_blank(text: str, clauses: list[str]) -> None:
    assert cut([text]) == clauses
    assert cut(list(text)) == clauses


def test_a_long_clause_is_cut_at_a_word() -> None:
    words = [f"word{'s' * (k % 3)}" for k in range(MOST_WORDS + 3)]
    assert [len(phrase.split()) for phrase in cut([f"{word} " for word in words])] == [MOST_WORDS, 3]


def test_a_word_goes_out_as_soon_as_the_next_begins() -> None:
    phrases = Phrases(Boundary.WORD)
    assert phrases.push("six") == []
    assert phrases.push(" and, ") == ["six", "and,"]
    assert phrases.push("seven.") == []
    assert phrases.end() == ["seven."]


@given(st.text(alphabet="ab ,.?-é", max_size=60), st.data(), st.sampled_from(Boundary))
def test_no_word_is_lost_however_the_text_comes(text: str, data: st.DataObject, boundary: Boundary) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    spoken = " ".join(cut(pieces, boundary)).split()
    letters = [word for word in text.split() if any(c.isalnum() for c in word)]
    assert [word for word in spoken if any(c.isalnum() for c in word)] == letters
    assert cut(pieces, boundary) == cut(list(text), boundary)


@given(st.text(max_size=30))
def test_text_comes_whole_character_by_character(text: str) -> None:
    stream = TextStream(QWEN.decode)
    ids = QWEN.encode(text).ids
    pieces = [stream.push(i) for i in ids]
    assert "".join(pieces).rstrip("�") == QWEN.decode(ids).rstrip("�")


def test_a_character_split_over_tokens_comes_with_its_last_one() -> None:
    stream = TextStream(QWEN.decode)
    ids = QWEN.encode("🧮").ids
    assert len(ids) > 1
    assert [stream.push(i) for i in ids] == [""] * (len(ids) - 1) + ["🧮"]
