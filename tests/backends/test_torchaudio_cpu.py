import subprocess
import sys
from importlib.util import find_spec

import pytest

if find_spec("torchaudio") is None:
    pytest.skip("torchaudio is not installed: pip install 'smp3m[coqui]'", allow_module_level=True)

pytestmark = pytest.mark.coqui


def run(code: str) -> str:
    """In a fresh process: whether an import works depends on what was imported before."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_resampling_and_spectrograms_work_whatever_torch_is_there() -> None:
    code = """
import torch
from pipeline.backends.torchaudio_cpu import import_torchaudio
audio = import_torchaudio()
wave = torch.zeros(1, 16000)
print(audio.functional.resample(wave, 16000, 24000).shape[1])
print(audio.transforms.MelSpectrogram(sample_rate=16000, n_mels=8, n_fft=512)(wave).shape[1])
"""
    assert run(code).split() == ["24000", "8"]


def test_the_stand_in_is_used_only_where_the_real_extension_fails() -> None:
    code = """
import sys
try:
    import torchaudio
    real = True
except OSError:
    real = False
from pipeline.backends.torchaudio_cpu import import_torchaudio
import_torchaudio()
print(real == (getattr(sys.modules["torchaudio._extension"], "__file__", None) is not None))
"""
    assert run(code).strip() == "True"
