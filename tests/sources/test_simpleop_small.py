"""Small chains: what a tiny model can learn, and no order of operations that could be swapped."""

import re

from sources import simpleop

_EQUATION = re.compile(r"(\d+) ([-+*/]) (\d+) = (\d+)$")


def test_every_value_stays_below_one_hundred_and_terms_take_turns_with_scalings() -> None:
    for row in simpleop.generate(3, 0, 2000, "small"):
        *steps, answer = str(row["solution"]).split("\n")
        assert len(steps) in (7, 8)
        value = None
        for number, step in enumerate(steps):
            found = _EQUATION.search(step)
            assert found is not None, step
            left, sign, right, result = int(found[1]), found[2], int(found[3]), int(found[4])
            assert 0 < result < 100
            turned = sign == "-" and left == 100
            assert value in (None, right if turned else left)
            assert (sign in "*/" or turned) == (number % 2 == 1)
            value = result
        assert answer == f"#### {value}"
