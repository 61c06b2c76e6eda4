"""A seeded one-to-one shuffle of the numbers below any size, computed for one number at a time.

A Feistel network over two halves of different sizes with addition instead of exclusive or, so that it is a bijection
of the whole range. It makes no claim of secrecy.
"""

from dataclasses import dataclass
from math import isqrt

ROUNDS = 6
"""Each round mixes one half; with fewer, neighbouring numbers keep visible order."""
_MASK = (1 << 64) - 1


def mix(value: int) -> int:
    """Scatter a 64-bit number (the finalizer of SplitMix64)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


@dataclass(frozen=True, slots=True)
class Permutation:
    """A bijection of range(size) that `key` chooses.

    `size` is the largest product of two near-equal halves that is not above what was asked for (see `permutation`).
    """

    key: int
    high: int
    low: int

    @property
    def size(self) -> int:
        """How many numbers are permuted."""
        return self.high * self.low

    def __call__(self, index: int) -> int:
        """The number that `index` goes to.

        Raises:
            ValueError: `index` is outside the range; a wrapped index would repeat a row.
        """
        if not 0 <= index < self.high * self.low:
            raise ValueError(f"index {index} is outside 0..{self.high * self.low - 1}")
        left, right = divmod(index, self.low)
        for turn in range(0, ROUNDS, 2):
            left = (left + mix(self.key + turn ^ mix(right))) % self.high
            right = (right + mix(self.key + turn + 1 ^ mix(left))) % self.low
        return left * self.low + right


def permutation(at_most: int, key: int) -> Permutation:
    """A permutation of the first `high * low` numbers, of which there are nearly `at_most`."""
    high = isqrt(at_most)
    return Permutation(key & _MASK, high, at_most // high)
