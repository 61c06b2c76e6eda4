from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.fingerprint import digest
from pipeline.core.splits import TEST, TRAIN, split_of


@given(st.text(), st.integers(0, 9), st.floats(0, 0.4), st.floats(0, 0.4))
def test_what_is_in_the_test_split_hangs_on_no_other_share(
    name: str, seed: int, validation: float, test: float
) -> None:
    family = digest(name)
    both = split_of(family, seed, validation=validation, test=test)
    assert (both == TEST) == (split_of(family, seed, validation=0.0, test=test) == TEST)


def test_shares_are_met() -> None:
    splits = [split_of(digest(number), 0, validation=0.2, test=0.3) for number in range(4_000)]
    shares = {name: splits.count(name) / len(splits) for name in set(splits)}
    assert abs(shares[TEST] - 0.3) < 0.03
    assert abs(shares[TRAIN] - 0.5) < 0.03
