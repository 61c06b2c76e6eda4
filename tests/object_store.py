"""An S3 of the tests' own: moto's server in this process, behind real HTTP, so that other processes reach it too."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from moto.server import ThreadedMotoServer
from upath import UPath

from pipeline.store.place import Place, place_named

_BUCKETS = count()


@contextmanager
def s3_server() -> Iterator[str]:
    """A server; its address. The environment leads there while it runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield url
    server.stop()


def new_prefix(prefix: str = "out") -> UPath:
    """A prefix in a bucket of its own."""
    place = place_named(f"s3://smp3m-{os.getpid()}-{next(_BUCKETS)}/{prefix}")
    assert isinstance(place, UPath)
    place.fs.mkdir(place.drive)
    return place


def files_under(place: Place) -> dict[str, bytes]:
    """Path inside the place -> content, of all files."""
    found: list[Place] = list(place.rglob("*"))
    return {str(path).removeprefix(f"{place}/"): path.read_bytes() for path in sorted(found, key=str) if path.is_file()}
