"""What identifies a vocabulary, whichever library reads it: which bytes each text id stands for."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import accumulate


def digest(tokens: Iterable[tuple[int, bytes]]) -> str:
    """Blake2b-128 over ids and bytes in id order, so that a vocabulary's tiktoken and json files agree."""
    state = hashlib.blake2b(digest_size=16)
    state.update(b"".join(b"%d %d %s\n" % (i, len(b), b) for i, b in sorted(tokens)))
    return state.hexdigest()


def char_ends(byte_ends: list[int], text: str) -> list[int]:
    """Ends in characters for ends in UTF-8 bytes; a character split over tokens counts from its first one."""
    data = text.encode()
    begun = [0, *accumulate((byte & 0xC0) != 0x80 for byte in data)]
    return [begun[end] for end in byte_ends]


def byte_level_alphabet() -> dict[str, int]:
    """The byte behind each character of a byte-level vocabulary; printable bytes stand for themselves."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others: Iterator[int] = iter(b for b in range(256) if b not in set(printable))
    return {chr(b): b for b in printable} | {chr(256 + k): b for k, b in enumerate(others)}
