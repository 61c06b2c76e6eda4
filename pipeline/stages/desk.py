"""Where models are asked from while a shard is made; nothing of it changes what is asked."""

from dataclasses import dataclass

from pipeline.backends.llm.quota import Quota
from pipeline.store.place import Place


@dataclass(frozen=True)
class Desk:
    """What a worker needs to ask a model; bears no identity."""

    journal: Place
    """Folder of the answers that were paid for."""
    server: str | None = None
    """Address; None takes that of the environment."""
    quota: Quota | None = None
    """What all workers of the build may ask together."""
    wanted: Place | None = None
    """File to write requests to instead of sending them: they go by batch."""
