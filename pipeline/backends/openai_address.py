"""Where a server that speaks OpenAI's protocol is, and the key to it: OPENAI_BASE_URL and OPENAI_API_KEY.

The key enters no message, repr, file or log. It sends nothing.
"""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pipeline.errors import EngineError

OPENAI_URL = "https://api.openai.com/v1"

_MESSAGE_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Address:
    """A server and the key to it."""

    url: str = field(repr=False)
    shown: str
    """The address as it may be printed."""
    key: str = field(repr=False)
    """Empty where none is set."""

    @property
    def sent_key(self) -> str:
        """What the client is given: servers of one's own need no key, but the client insists on a string."""
        return self.key or "none"

    def cleaned(self, message: str) -> str:
        """A server's words on one line, without the key, which some servers repeat."""
        text = " ".join(message.split())
        if self.key:
            text = text.replace(self.key, "***")
        return text[:_MESSAGE_CHARACTERS]


def read_address(base_url: str | None = None) -> Address:
    """Read the environment.

    Args:
        base_url: overrides OPENAI_BASE_URL.

    Raises:
        EngineError: the address names no server or holds a secret, or the key is missing or can be none.
    """
    url = base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    address = Address(url, _shown(url), key)
    _require_key(address)
    if not (key.isascii() and key.isprintable()):
        raise EngineError("OPENAI_API_KEY holds characters that no key has: set it anew, without line breaks")
    return address


def server_named() -> str:
    """The address that the environment names, as it is printed.

    Raises:
        EngineError: it is no address, or holds a secret.
    """
    return _shown(os.environ.get("OPENAI_BASE_URL") or OPENAI_URL)


def require_key() -> None:
    """Refuse early what every request would be refused for.

    Raises:
        EngineError: OpenAI's own server is meant, and no key is set.
    """
    url = os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
    _require_key(Address(url, _shown(url), os.environ.get("OPENAI_API_KEY", "").strip()))


def _require_key(address: Address) -> None:
    if not address.key and urlsplit(address.url).hostname == urlsplit(OPENAI_URL).hostname:
        raise EngineError(f"OPENAI_API_KEY is not set: {address.shown} needs a key in the environment")


def _shown(url: str) -> str:
    """An address as it is printed; one that holds a secret or names no server is refused."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise EngineError(
            f"OPENAI_BASE_URL names no server ({parts.scheme or 'no scheme'}, {parts.hostname or 'no host'}): "
            "it must look like http://127.0.0.1:8080/v1"
        )
    if parts.username is not None or parts.query:
        raise EngineError("OPENAI_BASE_URL holds a user or a query: leave both out, the key goes into OPENAI_API_KEY")
    host = parts.hostname if port is None else f"{parts.hostname}:{port}"
    return f"{parts.scheme}://{host}{parts.path}".rstrip("/")
