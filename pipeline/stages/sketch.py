"""Stage sketch: a question to a few numbers by which near duplicates are found without comparing all with all.

MinHash signatures of the template's word pairs (rensa) are cut into bands; the key of a band also holds the problem's
numbers and decisive words, so that only problems that agree in all of these can share one. Two rows are candidates
where they share a key: at a Jaccard similarity of 0.7 with probability 0.99, at 0.5 with 0.53; candidates are then
compared exactly (`run.near`). Of six million such keys two are equal by accident; that too is found out there.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from pipeline.core.wording import Wording
from pipeline.stages.decontaminate import worded
from pipeline.stages.stage import Inputs, Outcome, Plain, Stage
from schemas.rows import Sketch
from schemas.sketch import SketchTable

TABLE = "sketch"
STAGE = "dedup"
VERSION = 1
BANDS = 24
BAND_ROWS = 5
"""Minima of a signature that make a band."""
_SEED = 1
_TEMPLATE_BYTES = 8
_BAND_BYTES = 4
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: an odd number with well-spread bits
_HIGH = np.uint64(32)


def stage(sources: frozenset[str]) -> Stage:
    """The stage that sketches the problems of these sources."""
    identity = {"algorithm": RMinHash.ALGORITHM_VERSION, "bands": BANDS, "rows": BAND_ROWS, "seed": _SEED}
    return Stage(
        TABLE,
        STAGE,
        VERSION,
        SketchTable,
        ("problem",),
        Plain(sketch_all),
        identity,
        columns={"problem": ("id", "source", "source_id", "question")},
        sources=sources,
    )


def sketch_all(inputs: Inputs) -> Outcome:
    """Sketch every problem of a shard."""
    ids = inputs["problem"].column("id").to_pylist()
    wordings = [worded(text) for text in inputs["problem"].column("question").to_pylist()]
    keys = _band_keys(wordings)
    return Outcome(
        [
            Sketch(id=row_id, sketch=_hashed(" ".join(one.template)) + bands.tobytes())
            for row_id, one, bands in zip(ids, wordings, keys, strict=True)
        ],
        [],
    )


def templates_of(sketches: list[bytes]) -> NDArray[np.uint64]:
    """Hashes of the number-masked questions, shape [n_rows]."""
    return np.frombuffer(b"".join(sketch[:_TEMPLATE_BYTES] for sketch in sketches), "<u8").astype(np.uint64)


def bands_of(sketches: list[bytes], first: int, last: int) -> NDArray[np.uint32]:
    """Keys of the bands first to last-1, shape [n_rows, last - first]; 0 where a question has none."""
    start, stop = (_TEMPLATE_BYTES + _BAND_BYTES * band for band in (first, last))
    found = np.frombuffer(b"".join(sketch[start:stop] for sketch in sketches), "<u4")
    return found.reshape(len(sketches), last - first).astype(np.uint32)


def _band_keys(wordings: list[Wording]) -> NDArray[np.uint32]:
    """Key of each band, shape [n_rows, BANDS]."""
    shingles = [one.shingles for one in wordings]
    signatures = RMinHash.digest_matrix_from_token_sets(shingles, num_perm=BANDS * BAND_ROWS, seed=_SEED)
    minima = np.array(signatures.to_rows(), np.uint64).reshape(len(wordings), BANDS, BAND_ROWS)
    stated = b"".join(_hashed("\n".join(one.decisive)) for one in wordings)
    keys = np.repeat(np.frombuffer(stated, "<u8").astype(np.uint64)[:, None], BANDS, axis=1)
    for row in range(BAND_ROWS):
        keys = (keys ^ minima[:, :, row]) * _MIX
        keys ^= keys >> _HIGH
    found: NDArray[np.uint32] = np.maximum(keys >> _HIGH, np.uint64(1)).astype("<u4")
    found[[not one for one in shingles]] = 0
    return found


def _hashed(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=_TEMPLATE_BYTES).digest()
