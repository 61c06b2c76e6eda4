"""Slack by hand on a toy vocabulary: a token is a word of the response, a character of the reasoning."""

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.claims import Basis, Claim
from pipeline.core.drift import (
    drift,
    explain,
    first_token,
    place,
    row_slack,
    tokens_through,
    ungrounded,
    words_of,
)
from pipeline.core.quantity import Kind
from pipeline.core.schedule import Schedule
from pipeline.errors import Reason

RESPONSE = "So we get twelve and then twenty left"
WORD_ENDS = [2, 5, 9, 16, 20, 25, 32, 37]
#            So we get twelve and then twenty left


def claim(words: str, step_end: int | None, basis: Basis = Basis.DERIVED) -> Claim:
    start = RESPONSE.index(words)
    return Claim(Fraction(1), Kind.CARDINAL, basis, start, start + len(words), step_end)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 2)), min_size=1, max_size=12))
def test_offsets_agree_with_the_bytes_of_tokens(shape: list[tuple[int, int]]) -> None:
    # Tokens over characters of one or two bytes; ends are the characters begun. A token that ends a split
    # character ends there: vocabularies that split text into words first never run on into the next one.
    char_bytes = [n for _, n in shape]
    owner = [c for c, n in enumerate(char_bytes) for _ in range(n)]  # [n_bytes] character of each byte
    wanted = {(k * 2) % len(owner) + 1 for k, (cut, _) in enumerate(shape) if cut} | {len(owner)}
    inside = {cut for cut in wanted if cut < len(owner) and owner[cut - 1] == owner[cut]}
    cuts = sorted(wanted | {cut + 1 for cut in inside})
    ends = [owner[cut - 1] + 1 for cut in cuts]
    token = [next(t for t, cut in enumerate(cuts) if byte < cut) for byte in range(len(owner))]
    for c in range(len(char_bytes)):
        mine = [token[byte] for byte, of in enumerate(owner) if of == c]
        assert first_token(ends, c) == mine[0]
        assert tokens_through(ends, c + 1) == mine[-1] + 1


def test_slack_is_what_is_out_less_what_is_needed() -> None:
    schedule = Schedule(2, 3)
    reasoning_ends = list(accumulate([1] * 9))
    placed = place(
        [claim("twelve", 3), claim("twenty", 9)], WORD_ENDS, reasoning_ends, lambda i: schedule.emitted(i, 9)
    )
    # o o r r r o o r r r o o r r r o o: "twelve" is token 3 with 3 out, "twenty" token 6 with 9 out
    assert [(c.resp_start, c.resp_end, c.reas_end, c.slack) for c in placed] == [(3, 4, 3, 0), (6, 7, 9, 0)]
    assert row_slack(placed) == 0
    assert drift(placed, RESPONSE, WORD_ENDS, 0) is None


def test_drift_explains_the_worst_claim() -> None:
    placed = place([claim("twelve", 3), claim("twenty", 9)], WORD_ENDS, range(1, 10), lambda i: i)
    refused = drift(placed, RESPONSE, WORD_ENDS, 0)
    assert refused is not None
    assert refused.reason is Reason.DRIFT
    assert refused.detail == (
        "says 'twenty' from response token 6, when 6 reasoning tokens are out; derived at token 8: slack -3"
    )


@pytest.mark.parametrize(("margin", "refused"), [(0, False), (1, True)])
def test_the_margin_counts(margin: int, refused: bool) -> None:
    placed = place([claim("twelve", 3)], WORD_ENDS, range(1, 10), lambda i: i)
    assert (drift(placed, RESPONSE, WORD_ENDS, margin) is not None) is refused


def test_a_claim_without_a_step_has_no_slack() -> None:
    placed = place([claim("twelve", None, Basis.GIVEN)], WORD_ENDS, range(1, 10), lambda _: 0)
    assert row_slack(placed) is None
    assert explain(placed[0], words_of(placed[0], RESPONSE, WORD_ENDS)) == (
        "says 'twelve' from response token 3: given"
    )


def test_a_claim_from_nowhere_is_a_reason_of_its_own() -> None:
    refused = ungrounded([claim("twelve", 3), claim("twenty", None, Basis.UNGROUNDED)], RESPONSE)
    assert refused is not None
    assert refused.reason is Reason.UNGROUNDED
    assert "'twenty'" in refused.detail
    assert ungrounded([claim("twelve", 3)], RESPONSE) is None
