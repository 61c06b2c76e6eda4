import time

import pytest

from pipeline.backends.llm.failures import hopeless, retry_after_s


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "86400"}, 120.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "0"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for(headers: dict[str, str], wait_s: float | None) -> None:
    assert retry_after_s(headers) == wait_s


def test_a_date_to_wait_for() -> None:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    assert retry_after_s({"retry-after": date}) == pytest.approx(30, abs=2)


@pytest.mark.parametrize(
    ("status", "code"), [(402, None), (429, "insufficient_quota"), (400, "billing_hard_limit_reached")]
)
def test_an_account_without_money_stops_the_run_and_refuses_no_row(status: int, code: str | None) -> None:
    error = hopeless(status, code, "https://a.b/v1", "m", "Insufficient balance")
    assert error is not None
    assert "used up: raise it and run again" in str(error)


def test_a_request_that_alone_is_at_fault_stops_nothing() -> None:
    assert hopeless(400, "invalid_prompt", "https://a.b/v1", "m", "no") is None
    assert hopeless(429, "rate_limit_exceeded", "https://a.b/v1", "m", "no") is None
