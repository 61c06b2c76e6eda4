import json
from datetime import date

import pytest

from pipeline.backends.llm.prices import NANO_USD, OPENAI, Price, price_of, table
from pipeline.backends.llm.protocol import Message, Reply, Request, Sampling
from pipeline.backends.tokenizer import load
from pipeline.config_llm import PriceConfig
from prompts.answers import JointRewriting

PRICE = Price(input=1.0, cached_input=0.1, output=10.0, batch=0.5)


def reply(*, cached: int = 0, batch: bool = False) -> Reply:
    return Reply("", "stop", "m", prompt_tokens=1000, completion_tokens=200, cached_tokens=cached, batch=batch)


@pytest.mark.parametrize(
    ("answer", "usd"),
    [
        (reply(), 0.001 + 0.002),
        (reply(cached=400), 0.0006 + 0.00004 + 0.002),
        (reply(batch=True), 0.0015),
        (reply(cached=1000, batch=True), (0.0001 + 0.002) / 2),
    ],
)
def test_cached_tokens_and_batches_cost_less(answer: Reply, usd: float) -> None:
    assert PRICE.nano_usd(answer) == round(usd * NANO_USD)


def test_the_shipped_table_says_when_and_where_from_and_is_cheaper_where_it_should_be() -> None:
    read = table()
    assert date.fromisoformat(read.date).year >= 2026
    assert "://" in read.source or "litellm" in read.source
    for name, price in read.prices.items():
        assert price.cached_input is not None, name
        assert 0 < price.cached_input < price.input < price.output, name
        assert price.batch == 0.5, name


def test_a_dated_name_costs_what_its_model_costs_and_what_is_given_goes_first() -> None:
    assert price_of("gpt-5-mini-2025-08-07", OPENAI, {}) == price_of("gpt-5-mini", OPENAI, {})
    given = {"gpt-5-mini": PriceConfig(input=7.0, output=8.0)}
    assert price_of("gpt-5-mini", OPENAI, given) == Price(7.0, 7.0, 8.0, 1.0)


def test_no_price_is_made_up_for_unknown_models_or_for_other_providers() -> None:
    assert price_of("gpt-5-mini-turbo", OPENAI, {}) is None
    assert price_of("gpt-5-mini", "127.0.0.1:8080", {}) is None


@pytest.mark.parametrize("text", ["short", "x" * 3000, "½ ≤ 五百 🙂" * 50, "1234567890 " * 100])
def test_no_request_costs_more_than_its_upper_bound(text: str) -> None:
    request = Request((Message("user", text),), "m", Sampling(max_tokens=200), JointRewriting)
    schema = json.dumps(JointRewriting.model_json_schema())
    tokens = len(load("qwen2.5").encode(text + schema).ids)
    assert PRICE.usd(tokens, 200) <= PRICE.most_usd(request)
