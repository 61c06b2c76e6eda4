"""Whether what lies there was made with the settings of now."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import ContractError


def require_same(made: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse what was made with other settings.

    Args:
        made: it.
        found: the settings it was made with.
        wanted: those of now; settings that only `found` has do not count.

    Raises:
        ContractError: they differ; the first setting that does is named.
    """
    difference = _difference(found, json.loads(json.dumps(wanted)))
    if difference is not None:
        name, was, now = difference
        raise ContractError(
            f"{made}: made with {name} {json.dumps(was)}, now it is {json.dumps(now)}: give another --out, or take "
            "what it was made with"
        )


def _difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    for name, value in wanted.items():
        was = found.get(name)
        if isinstance(was, dict) and isinstance(value, dict):
            inner = _difference(was, value)
            if inner is not None:
                return (f"{name}.{inner[0]}", *inner[1:])
        elif was != value:
            return name, was, value
    return None
