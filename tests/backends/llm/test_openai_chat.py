import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import BaseModel, ConfigDict

from pipeline.backends.llm.answers import read_answer
from pipeline.backends.llm.fake_answers import Asked
from pipeline.backends.llm.fake_server import Behaviour, FakeServer, Trouble, script, shares
from pipeline.backends.llm.openai_chat import ClientSettings, OpenAIChat
from pipeline.backends.llm.protocol import BadAnswer, Fault, Message, Reply, Request, RequestFailed, Sampling
from pipeline.errors import EngineError


class Greeting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    greeting: str


KEY = "sk-secret-0123456789"
GOOD = '{"greeting": "good morning"}'


def request(text: str = "Greet.", model: str = "m") -> Request:
    messages = (Message("system", "You greet people."), Message("user", text))
    return Request(messages, model, Sampling(temperature=0.0, max_tokens=50), Greeting)


def settings(server: FakeServer) -> ClientSettings:
    return ClientSettings(base_url=server.url, backoff_s=0.01, longest_backoff_s=0.05, timeout_s=5.0)


def greet(_asked: object) -> str:
    return GOOD


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def ask(server: FakeServer, change: Callable[[ClientSettings], ClientSettings] = lambda given: given) -> Reply:
    async def go() -> Reply:
        async with OpenAIChat(change(settings(server))) as chat:
            return await chat.complete(request())

    return asyncio.run(go())


def test_an_answer_comes_with_its_usage() -> None:
    with FakeServer(Behaviour(answer=greet)) as server:
        reply = ask(server)
    assert reply.text == GOOD
    assert reply.finish_reason == "stop"
    assert reply.model == "m"
    assert reply.prompt_tokens > 0
    assert reply.completion_tokens == 3
    assert server.asked[0].response_format == "json_schema"


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble.TOO_MANY,
        Trouble.OVERLOADED,
        Trouble.SERVER_ERROR,
        Trouble.BROKEN_BODY,
        Trouble.NO_CHOICES,
        Trouble.HANG_UP,
    ],
)
def test_a_passing_trouble_is_tried_again(trouble: Trouble) -> None:
    with FakeServer(Behaviour(answer=greet, troubles=script(trouble, trouble))) as server:
        assert ask(server).text == GOOD
    assert server.requests == 3


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        (Trouble.BROKEN_JSON, Fault.NOT_JSON),
        (Trouble.CUT, Fault.CUT),
        (Trouble.EMPTY, Fault.EMPTY),
        (Trouble.HUGE, Fault.HUGE),
        (Trouble.FILTERED, Fault.FILTERED),
    ],
)
def test_a_paid_answer_of_no_use_is_named_and_not_asked_again(trouble: Trouble, fault: Fault) -> None:
    with FakeServer(Behaviour(answer=greet, troubles=script(trouble))) as server:
        reply = ask(server)
    assert server.requests == 1
    with pytest.raises(BadAnswer) as caught:
        read_answer(reply, Greeting)
    assert caught.value.fault is fault


def test_half_a_surrogate_pair_is_replaced_before_it_can_be_stored() -> None:
    with FakeServer(Behaviour(answer=lambda _: "good \ud83d morning")) as server:
        assert ask(server).text == "good ? morning"


def test_retry_after_is_waited_for() -> None:
    with FakeServer(Behaviour(answer=greet, troubles=script(Trouble.TOO_MANY), retry_after_s=0.4)) as server:
        start = time.monotonic()
        ask(server)
    assert time.monotonic() - start >= 0.4


def test_being_told_later_is_not_counted_as_a_failure() -> None:
    with FakeServer(Behaviour(answer=greet, troubles=script(*[Trouble.TOO_MANY] * 12), retry_after_s=0.0)) as server:
        assert ask(server).text == GOOD
    assert server.requests == 13


def test_being_told_later_for_too_long_gives_up() -> None:
    def impatient(given: ClientSettings) -> ClientSettings:
        return replace(given, patience_s=0.2)

    behaviour = Behaviour(answer=greet, troubles=lambda _: Trouble.TOO_MANY, retry_after_s=0.05)
    with FakeServer(behaviour) as server, pytest.raises(RequestFailed, match="overloaded"):
        ask(server, impatient)


def test_a_server_that_lets_few_through_answers_all_in_the_end() -> None:
    async def go(server: FakeServer) -> list[Reply]:
        async with OpenAIChat(replace(settings(server), concurrency=64)) as chat:
            return await asyncio.gather(*(chat.complete(request(str(number))) for number in range(60)))

    with FakeServer(Behaviour(answer=greet, latency_s=0.02, per_s=20, retry_after_s=0.1)) as server:
        replies = asyncio.run(go(server))
    assert len(replies) == 60
    assert server.statuses[429] > 0


def test_a_request_is_given_up_after_its_retries() -> None:
    behaviour = Behaviour(answer=greet, troubles=lambda _: Trouble.SERVER_ERROR)
    with FakeServer(behaviour) as server, pytest.raises(RequestFailed, match=r"500.*given up after 9 tries"):
        ask(server)
    assert server.requests == 9


def test_a_refused_request_is_not_repeated_once_the_format_is_known() -> None:
    troubles = script(None, Trouble.REFUSED)

    async def go(server: FakeServer) -> None:
        async with OpenAIChat(settings(server)) as chat:
            await chat.complete(request("first"))
            with pytest.raises(RequestFailed, match="not accepted"):
                await chat.complete(request("second"))
            await chat.complete(request("third"))

    with FakeServer(Behaviour(answer=greet, troubles=troubles)) as server:
        asyncio.run(go(server))
    assert server.requests == 3


@pytest.mark.parametrize("formats", [("json_object", "text"), ("text",)])
def test_a_server_without_json_schema_is_asked_in_words_and_remembered(formats: tuple[str, ...]) -> None:
    async def go(server: FakeServer) -> None:
        async with OpenAIChat(settings(server)) as chat:
            await chat.complete(request("one"))
            first = server.requests
            await chat.complete(request("two"))
            assert server.requests == first + 1

    with FakeServer(Behaviour(answer=greet, formats=formats)) as server:
        asyncio.run(go(server))
    assert {asked.response_format for asked in server.asked} == {formats[0]}
    assert '"greeting"' in server.asked[0].system
    assert server.asked[0].answer == "Greeting"


@pytest.mark.parametrize("formats", [("json_schema", "json_object", "text"), ("json_object", "text"), ("text",)])
def test_requests_that_learn_the_format_side_by_side_all_come_back(formats: tuple[str, ...]) -> None:
    def late(asked: Asked) -> str:
        return GOOD if asked.response_format == formats[0] else "unasked"

    async def go(server: FakeServer) -> list[Reply]:
        async with OpenAIChat(settings(server)) as chat:
            return await asyncio.gather(*(chat.complete(request(str(number))) for number in range(40)))

    with FakeServer(Behaviour(answer=late, formats=formats, latency_s=0.005)) as server:
        replies = asyncio.run(go(server))
    assert [reply.text for reply in replies] == [GOOD] * 40


@pytest.mark.parametrize("url", ["localhost:8080/v1", "127.0.0.1:8080", "ftp://somewhere/v1", "http://", "8080"])
def test_an_address_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(EngineError, match="OPENAI_BASE_URL names no server"):
        OpenAIChat(ClientSettings())


@pytest.mark.parametrize("url", ["http://user:hidden@127.0.0.1:9/v1", "http://127.0.0.1:9/v1?token=hidden"])
def test_an_address_that_holds_a_secret_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(EngineError, match="holds a user or a query") as caught:
        OpenAIChat(ClientSettings())
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-a\nb", "sk-ключ"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(EngineError, match="characters that no key has") as caught:
        OpenAIChat(ClientSettings(base_url="http://127.0.0.1:9/v1"))
    assert "sk-" not in str(caught.value)


def test_a_line_end_behind_the_key_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
    with FakeServer(Behaviour(answer=greet, key=KEY)) as server:
        assert ask(server).text == GOOD


def test_a_wrong_key_is_one_clear_line_without_the_key() -> None:
    told = pytest.raises(EngineError, match=r"refused the key in OPENAI_API_KEY \(401\)")
    with FakeServer(Behaviour(answer=greet, key="another")) as server, told as caught:
        ask(server)
    assert server.requests == 1
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_key_is_struck_out_of_what_a_server_repeats() -> None:
    behaviour = Behaviour(answer=greet, troubles=lambda _: Trouble.REFUSED)
    with FakeServer(behaviour) as server, pytest.raises(RequestFailed, match=r"not accepted \(key \*\*\*\)") as caught:
        ask(server)
    told: BaseException | None = caught.value
    assert KEY not in str(told)


def test_an_unknown_model_is_named() -> None:
    told = pytest.raises(EngineError, match="has no model 'm'")
    with FakeServer(Behaviour(answer=greet, models=frozenset({"other"}))) as server, told:
        ask(server)
    assert server.requests == 1


def test_a_server_that_is_down_is_named_fast() -> None:
    with FakeServer() as server:
        pass
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"does not answer.*OPENAI_BASE_URL"):
        ask(server)
    assert time.monotonic() - start < 3


def test_the_public_server_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(EngineError, match="OPENAI_API_KEY is not set"):
        OpenAIChat(ClientSettings())


def test_a_stalled_answer_times_out() -> None:
    def impatient(given: ClientSettings) -> ClientSettings:
        return ClientSettings(base_url=given.base_url, timeout_s=0.2, backoff_s=0.01, longest_backoff_s=0.01)

    with FakeServer(Behaviour(answer=greet, troubles=script(Trouble.STALL))) as server:
        assert ask(server, impatient).text == GOOD
    assert server.requests == 2


def test_a_dying_server_stops_the_run_instead_of_refusing_every_row() -> None:
    async def go(server: FakeServer) -> None:
        given = ClientSettings(base_url=server.url, retries=0, breaker=3, backoff_s=0.01)
        async with OpenAIChat(given) as chat:
            for _ in range(2):
                with pytest.raises(RequestFailed):
                    await chat.complete(request())
            with pytest.raises(EngineError, match="3 requests in a row"):
                await chat.complete(request())

    with FakeServer(Behaviour(troubles=lambda _: Trouble.SERVER_ERROR)) as server:
        asyncio.run(go(server))


def test_many_requests_through_faults_all_come_back() -> None:
    faults = shares({Trouble.TOO_MANY: 0.05, Trouble.SERVER_ERROR: 0.03, Trouble.HANG_UP: 0.02}, seed=7)

    async def go(server: FakeServer) -> list[Reply]:
        async with OpenAIChat(settings(server)) as chat:
            return await asyncio.gather(*(chat.complete(request(str(number))) for number in range(200)))

    with FakeServer(Behaviour(answer=greet, troubles=faults)) as server:
        replies = asyncio.run(go(server))
    assert [reply.text for reply in replies] == [GOOD] * 200
    assert 200 < server.requests < 260


def test_no_more_requests_are_in_flight_than_allowed() -> None:
    async def go(server: FakeServer) -> None:
        given = ClientSettings(base_url=server.url, concurrency=5)
        async with OpenAIChat(given) as chat:
            await asyncio.gather(*(chat.complete(request(str(number))) for number in range(40)))

    with FakeServer(Behaviour(answer=greet, latency_s=0.02)) as server:
        asyncio.run(go(server))
    assert server.most_in_flight == 5
