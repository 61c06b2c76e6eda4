"""The five control tokens that tell the two streams of a turn apart, and where a vocabulary keeps them.

It knows ids only; which vocabulary is loaded is `backends.tokenizer`'s matter.
"""

from dataclasses import asdict, astuple, dataclass

TOKENS = {
    "reasoning_pad": "<|think_pad|>",
    "response_end": "<|resp_end|>",
    "reasoning_end": "<|think_end|>",
    "speak": "<|speak|>",
    "think": "<|think|>",
}
"""How each control token is spelled when a vocabulary is given new entries."""

QWEN_FIRST_ID = 151700
"""Free in Qwen2.5: it embeds at least 151,936 ids, its tokenizer ends at 151,664. Qwen3 takes up to 151,668,
Omni 151,859 to 151,861."""


@dataclass(frozen=True, slots=True)
class ControlIds:
    """The id map, stored with the data."""

    n_text_ids: int
    """Ids of text tokens are below this."""
    reasoning_pad: int
    """Fills a reasoning slot once the reasoning has ended."""
    response_end: int
    reasoning_end: int
    speak: int
    """Opens a spoken block of the adaptive schedule."""
    think: int
    """Opens a silent block of the adaptive schedule."""

    def __post_init__(self) -> None:
        """Refuse a map in which an id means two things."""
        ids = self.ids
        if len(set(ids)) != len(ids):
            raise ValueError(f"control ids {ids} are not distinct")
        if min(ids) < self.n_text_ids:
            raise ValueError(
                f"control id {min(ids)} collides with the vocabulary (text ids are below {self.n_text_ids})"
            )

    @property
    def ids(self) -> tuple[int, int, int, int, int]:
        """All five, in the order of `TOKENS`."""
        pad, response_end, reasoning_end, speak, think = astuple(self)[1:]
        return pad, response_end, reasoning_end, speak, think

    def as_map(self) -> dict[str, int]:
        """Plain form for file metadata; `ControlIds(**m)` is its inverse."""
        return asdict(self)


def consecutive(first: int, n_text_ids: int) -> ControlIds:
    """Control ids `first` … `first + 4`.

    Raises:
        ValueError: `first` is an id that text uses.
    """
    return ControlIds(n_text_ids, first, first + 1, first + 2, first + 3, first + 4)
