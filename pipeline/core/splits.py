"""Which split a family of rows belongs to: decided by hash, so that every part of the project agrees without asking."""

from pipeline.core.fingerprint import fraction_of

TRAIN, VALIDATION, TEST = "train", "validation", "test"


def split_of(family: str, seed: int, *, validation: float, test: float) -> str:
    """Split of a family: the same in every build of equal seed and shares, whichever rows are in it."""
    point = fraction_of(family, f"split {seed}")
    if point < test:
        return TEST
    return VALIDATION if point < test + validation else TRAIN
