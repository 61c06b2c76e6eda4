"""Who has answered in a journal, so that answers of another provider are never taken, or paid for, unawares."""

import json

from pipeline.errors import UsageError
from pipeline.store.atomic import write_json
from pipeline.store.journal import SUFFIX
from pipeline.store.place import Place, ending, make_folder, read_text

_FILE = "providers.json"


def require_provider(journal: Place, model: str, provider: str, *, named: bool) -> None:
    """Refuse a server that is new to a journal which holds answers of others; else note it.

    The provider is part of what an answer is filed under, so nothing would be mixed up; but all would be asked and paid
    for again, which a changed port or a forgotten OPENAI_BASE_URL must not bring about.

    Args:
        journal: folder of the answers.
        model: whom they are from.
        provider: who runs it now.
        named: whether the user has said so, rather than the address.

    Raises:
        UsageError: it is new here, and the user has not named it.
    """
    known = _known(journal) if ending(journal, SUFFIX) else {}
    others = known.get(model, [])
    if others and provider not in others and not named:
        old = ", ".join(others)
        raise UsageError(
            f"{journal.parents[1]}: its answers of {model} come from {old}, but OPENAI_BASE_URL names {provider}: give "
            f"another --out; or --set llm.provider={others[-1]} if it is the same model at a new address, or "
            f"--set llm.provider={provider} to ask it anew"
        )
    if provider not in others:
        make_folder(journal)
        write_json(journal / _FILE, {**known, model: [*others, provider]})


def _known(journal: Place) -> dict[str, list[str]]:
    try:
        known: dict[str, list[str]] = json.loads(read_text(journal / _FILE))
    except (FileNotFoundError, ValueError):
        return {}
    return known
