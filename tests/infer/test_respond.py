import itertools
import json
import math
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.audio import Clip
from pipeline.core.paradigm import paradigm_named
from pipeline.core.schedule import Stream
from pipeline.errors import EngineDown, EngineError, UsageError
from pipeline.infer.decode import Limits
from pipeline.infer.latency import PARADIGMS, compare, figures_of, markdown
from pipeline.infer.question import Question, written
from pipeline.infer.respond import Step, respond
from pipeline.infer.timeline_plot import titled, write_timeline
from pipeline.infer.trace import write_trace
from pipeline.infer.voice import Spoken
from tests.infer.conftest import Learn, Learned


class Beeper:
    """A `Voice` that gives a tenth of a second for each token, and knows who it spoke for."""

    def __init__(self, fails_on: str = "") -> None:
        self.taken: list[Spoken] = []
        self.n_ended = 0
        self._fails_on = fails_on

    def take(self, spoken: Spoken) -> Iterator[Clip]:
        self.taken.append(spoken)
        if self._fails_on and self._fails_on in spoken.text:
            raise EngineError(f"beeper: cannot say {spoken.text!r}")
        yield Clip(np.full(1600, 0.1, np.float32), 16_000)

    def end(self) -> Iterator[Clip]:
        self.n_ended += 1
        yield Clip(np.full(800, 0.1, np.float32), 16_000)


@pytest.fixture(scope="module")
def knows(learned: Learn) -> Learned:
    return learned(target="2:8")


@pytest.fixture
def asked(knows: Learned) -> Question:
    return written(knows.rows[0]["spoken_question"])


def test_tokens_reach_the_voice_as_text_with_their_states(knows: Learned, asked: Question) -> None:
    voice, seen = Beeper(), list[Step]()
    response = respond(knows.thinker, asked, paradigm_named("2:8"), voice=voice, watch=seen.append)
    assert response.text == knows.rows[0]["response"]
    assert response.thinking == knows.rows[0]["reasoning"]
    assert response.ended
    assert tuple(seen) == response.steps
    assert "".join(spoken.text for spoken in voice.taken) == response.text
    assert [spoken.token for spoken in voice.taken] == list(knows.rows[0]["response_ids"])
    assert all(spoken.state is not None and spoken.state.shape == (64,) for spoken in voice.taken)
    assert voice.n_ended == 1
    assert len(response.chunks) == len(voice.taken) + 1
    assert not response.unsaid


def test_figures_count_what_came_when(knows: Learned, asked: Question) -> None:
    ticks = itertools.count()
    response = respond(knows.thinker, asked, paradigm_named("2:8"), clock=lambda: next(ticks) / 10)
    figures = figures_of(response)
    streams = [step.emitted.stream for step in response.steps]
    assert figures.n_tokens == len(streams)
    assert figures.n_calls == len(streams) - streams.count(Stream.PAD)
    assert figures.n_spoken == len(knows.rows[0]["response_ids"])
    assert figures.n_before_first == 0
    assert figures.first_token_s == pytest.approx(0.1)
    assert figures.last_token_s == pytest.approx(len(streams) / 10)
    assert figures.spoken_per_s == pytest.approx(figures.n_spoken / figures.last_token_s)
    assert figures.first_audio_s is None
    assert figures.real_time_factor is None


def test_a_phrase_that_cannot_be_said_is_told_and_the_rest_is_spoken(knows: Learned, asked: Question) -> None:
    word = str(knows.rows[0]["response"]).split()[1]
    response = respond(knows.thinker, asked, paradigm_named("2:8"), voice=Beeper(fails_on=word))
    assert response.unsaid
    assert word in response.unsaid[0]
    assert len(response.chunks) > 1


@pytest.mark.parametrize("error", [ZeroDivisionError, EngineDown])
def test_a_voice_that_breaks_is_no_secret(knows: Learned, asked: Question, error: type[Exception]) -> None:
    class Broken(Beeper):
        def take(self, spoken: Spoken) -> Iterator[Clip]:
            raise error(spoken.text)

    with pytest.raises(error):
        respond(knows.thinker, asked, paradigm_named("2:8"), voice=Broken())


def test_who_stops_listening_is_not_spoken_to_till_the_end(knows: Learned, asked: Question) -> None:
    class Leaves(Exception):
        pass

    voice, begun, left = Beeper(), threading.Event(), threading.Event()

    class Slow(Beeper):
        def take(self, spoken: Spoken) -> Iterator[Clip]:
            begun.set()
            left.wait()
            return voice.take(spoken)

        def end(self) -> Iterator[Clip]:
            return voice.end()

    def leave(step: Step) -> None:
        if len(step.text) > 1 and begun.wait(5):
            raise Leaves

    with pytest.raises(Leaves):
        respond(knows.thinker, asked, paradigm_named("2:8"), voice=Slow(), watch=leave)
    left.set()
    for thread in [thread for thread in threading.enumerate() if thread.name == "mouth"]:
        thread.join(5)
        assert not thread.is_alive()
    assert len(voice.taken) == 1
    assert voice.n_ended == 0


def test_a_recording_for_a_network_of_text_is_refused(knows: Learned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knows.thinker, "extractor", None)
    with pytest.raises(UsageError, match="ask it with --text"):
        respond(knows.thinker, Question(clip=Clip(np.ones(16_000, np.float32), 16_000)), paradigm_named("2:8"))


def test_the_trace_has_a_line_a_token(knows: Learned, asked: Question, tmp_path: Path) -> None:
    response = respond(knows.thinker, asked, paradigm_named("2:8"))
    write_trace(tmp_path / "trace.jsonl", response.steps)
    lines = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert [line["token"] for line in lines] == list(knows.rows[0]["token_ids"])
    assert "".join(line["text"] for line in lines if line["stream"] == "response") == response.text
    assert [line["forced"] for line in lines] == [line["stream"] == "pad" for line in lines]
    assert [line["time_s"] for line in lines] == sorted(line["time_s"] for line in lines)


def test_the_timeline_is_drawn(knows: Learned, asked: Question, tmp_path: Path) -> None:
    for voice in (None, Beeper()):
        response = respond(knows.thinker, asked, paradigm_named("2:8"), voice=voice)
        write_timeline(tmp_path / "plot.png", response, titled("2:8", response))
        assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_paradigms_are_compared_on_the_same_questions(knows: Learned, asked: Question) -> None:
    lines = compare(knows.thinker, [asked], limits=Limits(12, 30), voice=Beeper(), rounds=2)
    by_name = {line.paradigm: line for line in lines}
    assert tuple(by_name) == PARADIGMS
    assert {line.n_responses for line in lines} == {2}
    before = {name: line.figures["n_before_first"] for name, line in by_name.items()}
    assert before["2:8"] == before["response_only"] == 0
    assert before["2:8/reasoning_first"] == 8
    think = by_name["think_then_speak"].figures
    assert (before["think_then_speak"] or 0) > 8
    assert (think["first_token_s"] or 0) > (by_name["2:8"].figures["first_token_s"] or math.inf)
    table = markdown(lines).splitlines()
    assert len(table) == 2 + len(lines)
    assert len({line.count("|") for line in table}) == 1


def test_there_must_be_something_to_compare(knows: Learned, asked: Question) -> None:
    with pytest.raises(UsageError, match="at least"):
        compare(knows.thinker, [])
    with pytest.raises(UsageError, match="response_only"):
        compare(knows.thinker, [asked], ["backwards"])
