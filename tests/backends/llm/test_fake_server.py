import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import pipeline
from pipeline.backends.llm.fake_answers import Asked, answer_by_rules
from pipeline.backends.llm.fake_server import FakeServer, Trouble, shares
from prompts import load

ROOT = Path(pipeline.__file__).parents[1]


def asked(prompt: str, **values: str) -> Asked:
    read = load(prompt)
    messages = (("system", read.text), ("user", read.fill(**values)))
    return Asked("m", "json_schema", read.answer.__name__, messages)


def test_the_rules_answer_every_shipped_prompt_in_its_shape() -> None:
    row = {
        "question": "A kite needs 3 sticks. How many sticks do 14 kites need?",
        "solution": "14 kites need 14*3=<<14*3=42>>42 sticks.\n#### 42",
        "answer": "42",
        "record": "SAYS>Let us see.",
        "response": "Forty two sticks.",
        "transcript": "a kite needs three sticks how many sticks do fourteen kites need",
    }
    names = ["rewrite_joint", "rewrite_question", "split_solution"]
    names += ["judge_drift", "judge_colloquial", "judge_transcript"]
    for name in names:
        prompt = load(name)
        answer = answer_by_rules(asked(name, **{place: row[place] for place in prompt.places}))
        prompt.answer.model_validate(json.loads(answer))


def test_what_the_rules_cannot_do_is_answered_in_words() -> None:
    words = answer_by_rules(asked("rewrite_joint", question="Is 2 + 3 = 5?", solution="2+3=<<2+3=6>>6", answer="42"))
    assert words.startswith("I cannot do this")


def test_equal_seeds_bring_equal_troubles_in_about_their_shares() -> None:
    chances = {Trouble.TOO_MANY: 0.1, Trouble.EMPTY: 0.05}
    drawn = [shares(chances, seed=1)(number) for number in range(2000)]
    assert drawn == [shares(chances, seed=1)(number) for number in range(2000)]
    assert drawn != [shares(chances, seed=2)(number) for number in range(2000)]
    assert 150 < drawn.count(Trouble.TOO_MANY) < 250
    assert 60 < drawn.count(Trouble.EMPTY) < 140


def test_it_listens_on_this_machine_alone_and_lists_its_models() -> None:
    with FakeServer() as server:
        assert server.url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{server.url}/models", timeout=5) as response:
            assert json.load(response)["data"][0]["id"] == "fake"


def test_a_port_in_use_is_said_in_one_line() -> None:
    with FakeServer() as server:
        with pytest.raises(OSError, match="in use"), FakeServer(port=server.port):
            pass
        command = [sys.executable, "-m", "pipeline.backends.llm.fake_server", "--port", str(server.port)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "choose another --port" in ended.stderr


def test_the_command_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "pipeline.backends.llm.fake_server", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ)
    assert process.stdout is not None
    with process, process.stdout as out:
        try:
            url = out.readline().strip().removeprefix("OPENAI_BASE_URL=")
            with urllib.request.urlopen(f"{url}/models", timeout=5) as response:
                assert response.status == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"model": "m", "messages": []}', b'{"messages": [{"role": "user"}]}'])
def test_a_body_that_is_no_request_is_refused_as_the_real_one_does(body: bytes) -> None:
    with FakeServer() as server:
        request = urllib.request.Request(f"{server.url}/chat/completions", body, {"Authorization": "Bearer any"})
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(request)
        with error.value:
            assert error.value.code == 400
