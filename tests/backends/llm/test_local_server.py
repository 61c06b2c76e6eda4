"""The real thing, small: llama.cpp serves a model of 135 million parameters, and the client talks to it."""

import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from pipeline.backends.llm.answers import read_answer
from pipeline.backends.llm.openai_chat import ClientSettings, OpenAIChat
from pipeline.backends.llm.protocol import Message, Reply, Request, Sampling
from tests.models import SMOLLM, path_of

MODEL = path_of(SMOLLM)
WITHOUT = "xllamacpp is not installed" if importlib.util.find_spec("xllamacpp") is None else "`make models` brings it"
needs_model = pytest.mark.skipif(MODEL is None or WITHOUT.startswith("xllama"), reason=f"{SMOLLM.name}: {WITHOUT}")


class Animal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    animal: str
    legs: int


def serve(*flags: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "pipeline.backends.llm.local_server", *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    process = serve("--model", str(MODEL), "--port", "0", "--slots", "2", "--threads", "1")
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip().removeprefix("OPENAI_BASE_URL=")
    finally:
        process.terminate()
        process.communicate()


def complete(url: str, *requests: Request) -> list[Reply]:
    async def go() -> list[Reply]:
        async with OpenAIChat(ClientSettings(base_url=url)) as chat:
            return await asyncio.gather(*map(chat.complete, requests))

    return asyncio.run(go())


def asking(animal: str, max_tokens: int = 60) -> Request:
    messages = (Message("system", "You know animals."), Message("user", f"How many legs has a {animal}?"))
    return Request(messages, "any", Sampling(temperature=0.0, max_tokens=max_tokens), Animal)


@needs_model
def test_a_real_model_is_held_to_the_schema_and_its_tokens_are_counted(url: str) -> None:
    replies = complete(url, asking("dog"), asking("hen"), asking("bee"))
    assert MODEL is not None
    for reply in replies:
        read_answer(reply, Animal)
        assert reply.finish_reason == "stop"
        assert reply.model == MODEL.stem
        assert reply.prompt_tokens > 10
        assert 0 < reply.completion_tokens <= 60


@needs_model
def test_a_real_model_that_is_cut_says_so(url: str) -> None:
    (reply,) = complete(url, asking("dog", max_tokens=3))
    assert (reply.finish_reason, reply.completion_tokens) == ("length", 3)


@pytest.mark.parametrize(("name", "content", "code"), [("absent.gguf", None, 2), ("noise.gguf", b"no model", 1)])
@pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="xllamacpp is not installed")
def test_what_is_no_model_is_one_line(tmp_path: Path, name: str, content: bytes | None, code: int) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    process = serve("--model", str(path), "--port", "0")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    assert str(path) in err
    assert len(err.splitlines()) == 1
