"""Which licences let rows be passed on, by SPDX identifier; one that is not listed is not assumed to.

A row is an adaptation of its source (read aloud, rewritten), so that a licence without derivatives does not do.
"""

import re
from collections.abc import Iterable
from typing import Any

from pipeline.errors import UsageError

_ALLOWING = re.compile(
    r"0bsd|afl-3\.0|apache-2\.0|artistic-2\.0|bsd-[23]-clause|bsl-1\.0|cc0-1\.0|cc-by(-nc)?(-sa)?-[1234]\.0|"
    r"cdla-(permissive|sharing)-[12]\.0|ecl-2\.0|isc|mit|mit-0|odbl-1\.0|odc-by-1\.0|pddl-1\.0|unlicense|upl-1\.0|wtfpl|"
    r"zlib"
)
"""Passing on and adapting are allowed, on terms (attribution, same licence, no commerce) that travel with each row."""
_FORBIDDING = re.compile(
    r"cc-by(-nc)?-nd-[1234]\.0|all[ -]rights[ -]reserved|proprietary|unlicensed|none|.*research[ -]only.*"
)
_ON_THE_HUB = {"odbl-1.0": "odbl", "odc-by-1.0": "odc-by", "pddl-1.0": "pddl"}
"""Where the Hub's identifier is not the SPDX one in lower case."""


def allows(name: str) -> bool:
    """Whether a licence, or an SPDX expression of AND and OR without brackets, is known to allow passing on."""
    return any(all(_ALLOWING.fullmatch(one) for one in _split(either, "and")) for either in _split(name.lower(), "or"))


def forbids(name: str) -> bool:
    """Whether a licence is known to forbid it."""
    return all(
        any(_FORBIDDING.fullmatch(one) for one in _split(either, "and")) for either in _split(name.lower(), "or")
    )


def hub_licence(names: Iterable[str]) -> dict[str, Any]:
    """The licence fields of a card: the Hub's identifiers where it has them, else `other` and to see each row's own."""
    plain = sorted({name.lower() for name in names})
    if not plain or not all(_ALLOWING.fullmatch(name) for name in plain):
        return {"license": "other", "license_name": plain[0] if len(plain) == 1 else "per-row"}
    known = [_ON_THE_HUB.get(name, name) for name in plain]
    return {"license": known[0] if len(known) == 1 else known}


def require_passing_on(licences: Iterable[tuple[str, str]], allowed: Iterable[str]) -> None:
    """Stop unless every source's licence lets its rows be published.

    Args:
        licences: sources and the licences of their rows.
        allowed: names that the user has read and answers for.

    Raises:
        UsageError: names each licence and source at fault.
    """
    accepted = {name.lower() for name in allowed}
    pairs = sorted(set(licences))
    forbidding = [f"{source}: {name}" for source, name in pairs if forbids(name)]
    if forbidding:
        raise UsageError(f"not to be published, for their licences forbid it: {'; '.join(forbidding)}; leave them out")
    unknown = [(source, name) for source, name in pairs if not allows(name) and name.lower() not in accepted]
    if unknown:
        listed = "; ".join(f"{source}: {name}" for source, name in unknown)
        raise UsageError(
            f"not known to allow redistribution: {listed}; if they do, name each: --allow-license '{unknown[0][1]}'"
        )


def _split(expression: str, operator: str) -> list[str]:
    return [part.strip() for part in re.split(rf"\s+{operator}\s+", expression)]
