"""Word lists written as running text."""


def wordset(text: str) -> frozenset[str]:
    """The blank-separated words of a text."""
    return frozenset(text.split())
