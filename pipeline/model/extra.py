"""Whether the `train` extra is there; this module itself needs none of it."""

from importlib.util import find_spec

from pipeline.errors import UsageError

_NEEDED = ("torch", "torchaudio", "transformers", "accelerate", "peft")


def require_extra(command: str) -> None:
    """Refuse a command that needs what is not installed.

    Raises:
        UsageError: a package is missing.
    """
    missing = next((name for name in _NEEDED if find_spec(name) is None), None)
    if missing is not None:
        raise UsageError(f"smp3m {command} needs {missing}, which is not installed: pip install 'smp3m[train]'")
