"""How a question stands before the turn, written or heard: the layout that trainer and decoder share.

With Qwen's vocabulary the turn is the assistant's of its chat form, without a system message; other vocabularies
get plain text. The audio token stands where the frames of the question will be.
"""

from pipeline.model.vocabulary import Vocabulary

_PLAIN = "Question: {}\nAnswer: "


def written(vocabulary: Vocabulary, question: str) -> list[int]:
    """Rows before the turn for a question as text."""
    if not vocabulary.is_qwen:
        return vocabulary.encode(_PLAIN.format(question))
    return _chat(vocabulary, vocabulary.encode(question))


def heard(vocabulary: Vocabulary, n_frames: int) -> list[int]:
    """Rows before the turn for a question as `n_frames` audio frames.

    Raises:
        EngineError: the vocabulary has no audio tokens.
    """
    frames = [vocabulary.row("audio")] * n_frames
    return _chat(vocabulary, [vocabulary.row("audio_start"), *frames, vocabulary.row("audio_end")])


def _chat(vocabulary: Vocabulary, content: list[int]) -> list[int]:
    start, end = vocabulary.row("turn_start"), vocabulary.row("turn_end")
    newline = vocabulary.encode("\n")
    user, assistant = vocabulary.encode("user"), vocabulary.encode("assistant")
    return [start, *user, *newline, *content, end, *newline, start, *assistant, *newline]
