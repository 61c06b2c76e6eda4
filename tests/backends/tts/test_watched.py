import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pipeline.backends.tts.protocol import Synthesizer, TimedSynthesizer, Voice, VoiceModel, WordTime
from pipeline.backends.tts.watched import watched
from pipeline.errors import EngineError

ODD = "tests.backends.tts.odd_engine:Odd"
PLAIN = Voice("plain")


def engine(name: str = ODD, timeout_s: float = 60.0) -> Synthesizer:
    return watched(name, VoiceModel(), timeout_s=timeout_s)


def test_text_voice_and_seed_reach_the_engine_and_the_samples_come_back() -> None:
    odd = engine()
    assert odd.voices == ("plain",)
    assert odd.deterministic
    clip = odd.synthesize("one two", Voice("plain", 0.5), 3)
    assert clip.sample_rate_hz == 24_000
    np.testing.assert_array_equal(clip.samples, np.full(7000, 0.15, np.float32))


def test_word_times_are_offered_where_the_engine_has_them() -> None:
    timed = engine("tests.backends.tts.odd_engine:OddTimed")
    assert isinstance(timed, TimedSynthesizer)
    assert timed.synthesize_timed("nine jars", PLAIN, 0)[1] == (WordTime("nine", 0.0, 0.5), WordTime("jars", 1.0, 1.5))
    assert not isinstance(engine(), TimedSynthesizer)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise", r"^odd_engine: 'raise': ValueError: too odd$"),
        ("refuse", r"^odd_engine: refused$"),
        ("crash", r"^odd_engine: the engine crashed on this text$"),
    ],
)
def test_a_text_that_goes_wrong_costs_itself_alone(text: str, message: str) -> None:
    odd = engine()
    with pytest.raises(EngineError, match=message):
        odd.synthesize(text, PLAIN, 0)
    assert odd.synthesize("nine", PLAIN, 1).duration_s > 0


def test_an_engine_that_hangs_is_ended_and_starts_anew_for_the_next_text() -> None:
    odd = engine(timeout_s=2.0)
    start = time.monotonic()
    with pytest.raises(EngineError, match="no answer within 2 s"):
        odd.synthesize("hang", PLAIN, 0)
    assert time.monotonic() - start < 30
    assert odd.synthesize("nine", PLAIN, 1).duration_s > 0


def test_an_engine_that_hangs_does_not_outlive_a_killed_process() -> None:
    code = """
import os, signal, threading, time
from pipeline.backends.tts.protocol import Voice, VoiceModel
from pipeline.backends.tts.watched import watched
odd = watched("tests.backends.tts.odd_engine:Odd", VoiceModel(), timeout_s=2.0)
threading.Thread(target=odd.synthesize, args=("hang", Voice("plain"), 0), daemon=True).start()
time.sleep(0.5)
print(odd.child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -9
    assert done.stdout.strip().isdigit()
    child = Path(f"/proc/{done.stdout.strip()}/stat")
    deadline = time.monotonic() + 30
    while child.exists() and child.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_an_engine_that_does_not_load_says_why() -> None:
    with pytest.raises(EngineError, match=r"^odd_engine: no such file: missing$"):
        watched(ODD, VoiceModel("missing"))


def test_an_engine_that_never_loads_is_given_up() -> None:
    with pytest.raises(EngineError, match="no answer within 1 s"):
        watched(ODD, VoiceModel("hang"), load_timeout_s=1.0)


def test_the_caller_may_stand_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise ImportError('not this one')")
    monkeypatch.chdir(tmp_path)
    assert engine().synthesize("nine", PLAIN, 1).duration_s > 0
