import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.tts import ENGINES
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.errors import EngineError

TEXTS = (
    "A gardener plants forty eight tulips in six rows.",
    "How many are left?",
    "Each jar holds two and a half litres of honey, and there are nineteen jars.",
)


@pytest.fixture(scope="module")
def engine() -> Iterator[NanoTTS]:
    made = NanoTTS()
    yield made
    made.close()


def pcm(engine: NanoTTS, text: str, voice: str = "en-US", seed: int = 0) -> bytes:
    return engine.synthesize(text, Voice.parse(voice), seed).samples.tobytes()


@pytest.fixture(scope="module")
def fresh() -> dict[str, bytes]:
    """What each text sounds like as the first utterance of a process."""
    first: dict[str, bytes] = {}
    for text in TEXTS:
        engine = NanoTTS()
        first[text] = pcm(engine, text)
        engine.close()
    return first


@settings(max_examples=8, deadline=None)
@given(order=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6), seed=st.integers(0, 9))
def test_bytes_depend_neither_on_order_nor_on_process_nor_on_seed(
    engine: NanoTTS, fresh: dict[str, bytes], order: list[str], seed: int
) -> None:
    for text in order:
        assert pcm(engine, text, seed=seed) == fresh[text]


def test_bytes_are_the_same_after_a_text_that_failed(engine: NanoTTS, fresh: dict[str, bytes]) -> None:
    with pytest.raises(EngineError):
        pcm(engine, "a" * 20_000)
    assert pcm(engine, TEXTS[0]) == fresh[TEXTS[0]]


def test_threads_may_share_an_engine(engine: NanoTTS, fresh: dict[str, bytes]) -> None:
    heard: dict[str, bytes] = {}

    def speak(text: str) -> None:
        heard[text] = pcm(engine, text)

    threads = [threading.Thread(target=speak, args=(text,)) for text in TEXTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == fresh


def test_voices_differ_and_a_slower_one_takes_longer(engine: NanoTTS) -> None:
    clips = {voice: engine.synthesize(TEXTS[0], Voice.parse(voice), 0) for voice in ("en-US", "en-GB", "en-US@0.8")}
    assert not np.array_equal(clips["en-US"].samples, clips["en-GB"].samples)
    assert clips["en-US@0.8"].duration_s > 1.1 * clips["en-US"].duration_s
    assert 2 < clips["en-US"].duration_s < 5


@pytest.mark.parametrize("voice", ENGINES["nanotts"].voices)
def test_no_voice_is_cut_off_at_full_scale(engine: NanoTTS, voice: str) -> None:
    loud = "Maya bakes eight trays of rolls with twelve rolls on each tray. How many more rolls does she have?"
    assert 0.3 < np.abs(engine.synthesize(loud, Voice.parse(voice), 0).samples).max() < 0.9


def test_every_advertised_voice_speaks(engine: NanoTTS) -> None:
    for voice in engine.voices:
        assert engine.synthesize("Nine.", Voice(voice), 0).duration_s > 0.2


@pytest.mark.parametrize(
    ("text", "voice", "message"),
    [
        ("", "en-US", "no sound for ''"),
        ("日本", "en-US", "no sound"),
        ("...", "en-GB@0.85", "no sound"),
        ("a" * 20_000, "en-US", "RuntimeError"),
        ("<volume level='0'>nine", "en-US", "'<'"),
        ("nine", "xx-XX", "unknown voice 'xx-XX'"),
        ("nine", "en-US@fast", "unknown voice 'en-US@fast'"),
        ("nine", "en-US@9", "unknown voice"),
    ],
)
def test_what_cannot_be_spoken_is_one_clear_error(engine: NanoTTS, text: str, voice: str, message: str) -> None:
    with pytest.raises(EngineError, match=message) as error:
        engine.synthesize(text, Voice.parse(voice), 0)
    assert "\n" not in str(error.value)


def test_a_child_that_hangs_is_killed_and_the_next_text_gets_a_new_one(fresh: dict[str, bytes]) -> None:
    engine = NanoTTS(timeout_s=1.0)
    assert pcm(engine, TEXTS[1]) == fresh[TEXTS[1]]
    with pytest.raises(EngineError, match="no answer within 1 s"):
        pcm(engine, "a b c " * 5_000)  # some ten seconds of work
    assert pcm(engine, TEXTS[0]) == fresh[TEXTS[0]]
    engine.close()


def test_a_child_that_was_killed_costs_no_text(fresh: dict[str, bytes]) -> None:
    engine = NanoTTS()
    pcm(engine, TEXTS[1])
    child = engine._child.pid
    assert child is not None
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert pcm(engine, TEXTS[0]) == fresh[TEXTS[0]]
    engine.close()


def test_the_child_does_not_outlive_a_killed_process() -> None:
    code = """
import os, signal
from pipeline.backends.tts.nanotts import NanoTTS
from pipeline.backends.tts.protocol import Voice, VoiceModel
engine = NanoTTS()
engine.synthesize("Nine.", Voice("en-US"), 0)
print(engine._child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -9
    child = Path(f"/proc/{done.stdout.strip()}/stat")
    deadline = time.monotonic() + 10
    while child.exists() and child.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_an_engine_that_does_not_load_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")  # without the package, whatever its version
    with pytest.raises(EngineError, match="nanotts"):
        pcm(NanoTTS(), TEXTS[0])


def test_it_is_made_by_name() -> None:
    made = ENGINES["nanotts"].make(VoiceModel())
    assert isinstance(made, NanoTTS)
    made.close()
