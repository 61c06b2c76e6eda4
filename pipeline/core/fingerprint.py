"""Digests that identify things: rows, families, duplicates, tables. Same content, same digest, on any machine.

Only values with stable bytes are accepted (str, int, bool, None, finite floats, and lists, tuples and dicts of
them); anything else is a bug of the caller and raises.
"""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from enum import Enum
from fractions import Fraction

DIGEST_BYTES = 16
"""blake2b-128: at 3.2 million rows the chance of one collision is below 1e-25."""

_SPACES = re.compile(r"\s+")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
"""Made once: `json.dumps` makes one for every call that has settings."""
_MARKS = {"<super>": "^", "<sub>": "_", "<fraction>": " "}
"""Of characters that stand for others, by how Unicode says that they do: what tells them apart from these."""


def canonical_json(value: object) -> str:
    """Serialise to JSON that is byte-equal for equal values: NFC, sorted keys, no spaces, no NaN.

    Raises:
        TypeError: the value, or one inside it, has no stable bytes.
    """
    return _ENCODER.encode(_stable(value))


def digest(value: object) -> str:
    """Hex blake2b-128 of the canonical JSON of `value`."""
    return digest_bytes(canonical_json(value).encode())


def digest_bytes(data: bytes) -> str:
    """Hex blake2b-128 of raw bytes."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def row_id(source: str, source_id: str, question: str, solution: str, answer: str) -> str:
    """Identify a problem by its content as collected; `answer` is "" where the source has none."""
    return digest([source, source_id, question, solution, answer])


def family(question: str) -> str:
    """Digest of the normalised question that rows of one family share."""
    return digest(["family", normalise(question)])


def duplicate_key(question: str, solution: str) -> str:
    """Digest that is equal for rows whose normalised question and solution are equal."""
    return digest([normalise(question), normalise(solution)])


def normalise(text: str) -> str:
    """Fold what does not make two texts different: Unicode form, case, spacing, final punctuation."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", "".join(map(_marked, text)))
    return _SPACES.sub(" ", plain.casefold()).strip().rstrip(".!?").rstrip()


def _marked(character: str) -> str:
    """A character with what its compatible form would lose: "10\u00b2" is not 102, and "1\u00bd" not 11 halves."""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    return f"{_MARKS[kind]}{character}" if kind in _MARKS else character


def fraction_of(key: str, salt: str) -> float:
    """Map a key to [0, 1), evenly and for ever the same: for splits, voices, sampling."""
    return int(digest([salt, key])[:13], 16) / 16**13


def _stable(value: object) -> object:
    if type(value) is str:  # nearly all there is
        return unicodedata.normalize("NFC", value)
    if type(value) is list:  # of the rest, most; to tell that a value is no dataclass takes long
        return [_stable(item) for item in value]
    return _stable_other(value)


def _stable_other(value: object) -> object:
    if isinstance(value, Enum):
        return _stable(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return _stable(asdict(value))
    if isinstance(value, Mapping):
        return {_key(k): _stable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_stable(item) for item in value]
    return _stable_scalar(value)


def _stable_scalar(value: object) -> object:
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    raise TypeError(
        f"{value!r} ({type(value).__name__}) has no stable bytes: give text, finite numbers or lists of them"
    )


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"mapping key {key!r} has no stable bytes: give text")
    return unicodedata.normalize("NFC", key)
