"""Raw rows from the Hugging Face Hub at a pinned revision, through `datasets`.

It knows no source by name; whoever calls names the Hub reference and the flag that replaces it by a local file.
"""

from collections.abc import Iterator

import datasets
import httpx2
import huggingface_hub
from huggingface_hub import constants

from pipeline.errors import SourceError
from sources.files import RawRow, canonical_json
from sources.source import Hub

PROBE_TIMEOUT_S = 5.0
"""One look whether the Hub answers at all: `datasets` itself retries for 23 s (measured) before it says so."""


def read_hub(hub: Hub, flag: str, *, streaming: bool) -> Iterator[RawRow]:
    """Every row of a pinned data set in order; `flag` is how to name a local copy instead.

    Raises:
        SourceError: the Hub cannot be reached, or does not have this data set or revision.
    """
    _probe(hub, flag)
    datasets.disable_progress_bars()
    try:
        rows = datasets.load_dataset(hub.path, hub.config, split=hub.split, revision=hub.revision, streaming=streaming)
        for column, feature in (rows.features or {}).items():
            if isinstance(feature, datasets.Audio):  # decoding would need torchcodec: the bytes are taken as they are
                rows = rows.cast_column(column, datasets.Audio(decode=False))
        for index, raw in enumerate(rows):
            yield RawRow(index, raw, "", canonical_json(raw))
    except (OSError, ValueError, httpx2.HTTPError, datasets.exceptions.DatasetsError) as exc:
        reason = (str(exc).splitlines() or [type(exc).__name__])[0]
        what = f"{hub.path} at {hub.revision[:12]} cannot be read from the Hub ({reason})"
        raise SourceError(f"{what}: {_advice(flag)}") from exc


def _probe(hub: Hub, flag: str) -> None:
    if constants.HF_HUB_OFFLINE:
        return
    try:
        huggingface_hub.get_session().head(constants.ENDPOINT, timeout=PROBE_TIMEOUT_S)
    except httpx2.TransportError as exc:
        what = f"{hub.path}: the Hub cannot be reached at {constants.ENDPOINT} ({exc})"
        raise SourceError(f"{what}: {_advice(flag)}") from exc


def _advice(flag: str) -> str:
    return f"pass a local copy in the same raw format with {flag}=PATH, or set HF_HUB_OFFLINE=1 to use the cached one"
