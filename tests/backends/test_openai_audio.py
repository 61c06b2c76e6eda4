import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pipeline.backends import asr, tts
from pipeline.backends.asr.openai import OpenAIEar
from pipeline.backends.audio import Clip
from pipeline.backends.fake_audio_server import FakeAudioServer
from pipeline.backends.llm.fake_server import Behaviour, Trouble, script
from pipeline.backends.openai_audio import Impatience
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.backends.tts.openai import OpenAISpeech
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.errors import EngineError

KEY = "sk-secret-0123456789"
TEXT = "A gardener plants forty eight tulips in six rows."
FAST = Impatience(timeout_s=20.0, backoff_s=0.01, longest_backoff_s=0.05, retries=3)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAudioServer]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with FakeAudioServer(Behaviour(key=KEY)) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running


def voice() -> OpenAISpeech:
    return OpenAISpeech(VoiceModel("fake"), FAST)


def test_speech_comes_over_the_wire_as_the_engine_made_it(server: FakeAudioServer) -> None:
    clip = voice().synthesize(TEXT, Voice("en-GB", 0.8), 0)
    nanotts = NanoTTS()
    expected = nanotts.synthesize(TEXT, Voice("en-GB", 0.8), 0)
    nanotts.close()
    np.testing.assert_array_equal(clip.samples, expected.samples)
    assert clip.sample_rate_hz == expected.sample_rate_hz
    assert server.requests == 1


def test_what_is_spoken_is_heard(server: FakeAudioServer) -> None:
    spoken = tts.ENGINES["openai"].make(VoiceModel("fake")).synthesize(TEXT, Voice("alloy"), 0)
    heard = asr.ENGINES["openai"].make("fake").transcribe(spoken)
    assert "six rows" in heard.lower() or "6 rows" in heard.lower()
    assert server.requests == 2


def test_silence_is_not_sent(server: FakeAudioServer) -> None:
    assert OpenAIEar("fake", how=FAST).transcribe(Clip(np.zeros(100, np.float32), 16_000)) == ""
    assert server.requests == 0


def test_threads_may_share_a_client(server: FakeAudioServer) -> None:
    engine = voice()
    with ThreadPoolExecutor(4) as pool:
        clips = [*pool.map(lambda text: engine.synthesize(text, Voice("en-US"), 0), ["nine", "nine jars"] * 4)]
    assert [len(clip.samples) for clip in clips[::2]] == [len(clips[0].samples)] * 4
    assert len(clips[1].samples) > len(clips[0].samples)
    assert server.requests == 8


@pytest.mark.parametrize("trouble", [Trouble.TOO_MANY, Trouble.OVERLOADED, Trouble.SERVER_ERROR])
def test_a_passing_trouble_is_tried_again(server: FakeAudioServer, trouble: Trouble) -> None:
    server.behaviour = Behaviour(troubles=script(trouble, trouble))
    assert voice().synthesize("nine", Voice("en-US"), 0).duration_s > 0.2
    assert server.requests == 3


def test_a_server_that_keeps_failing_is_given_up(server: FakeAudioServer) -> None:
    server.behaviour = Behaviour(troubles=lambda _: Trouble.SERVER_ERROR)
    with pytest.raises(EngineError, match=r"failed \(500\).*given up after 4 tries") as error:
        voice().synthesize("nine", Voice("en-US"), 0)
    assert KEY not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_text_that_is_refused_is_not_sent_again(server: FakeAudioServer) -> None:
    engine = voice()
    with pytest.raises(EngineError, match=r"refused the request \(400\): .*no sound"):
        engine.synthesize("日本", Voice("en-US"), 0)
    assert server.requests == 1
    assert engine.synthesize("nine", Voice("en-US"), 0).duration_s > 0.2


def test_an_answer_without_audio_is_refused(server: FakeAudioServer) -> None:
    server.behaviour = Behaviour(troubles=script(Trouble.EMPTY))
    with pytest.raises(EngineError, match="no audio"):
        voice().synthesize("nine", Voice("en-US"), 0)


def test_an_answer_that_is_no_transcription_is_tried_again(server: FakeAudioServer) -> None:
    server.behaviour = Behaviour(troubles=script(Trouble.NO_CHOICES))
    clip = Clip(np.full(16_000, 0.1, np.float32), 16_000)
    OpenAIEar("fake", how=FAST).transcribe(clip)
    assert server.requests == 2


def test_a_pace_the_protocol_has_not_is_refused_unsent(server: FakeAudioServer) -> None:
    with pytest.raises(EngineError, match=r"pace goes from 0\.25 to 4"):
        voice().synthesize("nine", Voice("alloy", 5.0), 0)
    assert server.requests == 0


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("make", [lambda: OpenAISpeech(VoiceModel("m"), FAST), lambda: OpenAIEar("m", how=FAST)])
def test_a_wrong_key_is_found_before_any_work(make: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another")
    with pytest.raises(EngineError, match="refused the key in OPENAI_API_KEY") as error:
        make()
    assert "sk-another" not in str(error.value)


def test_a_server_that_is_down_is_named_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"127\.0\.0\.1:9/v1 does not answer.*OPENAI_BASE_URL"):
        voice()
    assert time.monotonic() - start < 10


def test_a_model_must_be_named() -> None:
    with pytest.raises(EngineError, match="no speech model is named"):
        OpenAISpeech(VoiceModel())
    with pytest.raises(EngineError, match="no model that hears is named"):
        OpenAIEar(None)
