import io
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from pipeline.backends import ogg
from pipeline.backends.audio import Clip, decode, encode


def opus(seconds: float = 2.0) -> bytes:
    out = io.BytesIO()
    t = np.arange(round(seconds * 24_000)) / 24_000
    soundfile.write(out, 0.2 * np.sin(700 * t), 24_000, format="OGG", subtype="OPUS")
    return out.getvalue()


def pages(data: bytes) -> list[bytes]:
    return [b"OggS" + page for page in data.split(b"OggS")[1:]]


def test_our_checksum_is_the_one_that_libogg_writes() -> None:
    for page in pages(opus()):
        (written,) = struct.unpack_from("<I", page, 22)
        assert ogg.checksum(page[:22] + bytes(4) + page[26:]) == written


def test_every_page_gets_the_serial_number_and_the_sound_stays() -> None:
    data = opus()
    changed = ogg.with_serial(data, 77)
    assert {struct.unpack_from("<I", page, 14)[0] for page in pages(changed)} == {77}
    np.testing.assert_array_equal(decode(changed).samples, decode(data).samples)


def test_equal_clips_give_equal_bytes_in_another_process_too() -> None:
    clip = Clip((0.2 * np.sin(np.arange(24_000) / 9)).astype(np.float32), 24_000)
    here = encode(clip, "ogg")
    assert here == encode(clip, "ogg")
    script = (
        "import sys, numpy as np; from pipeline.backends.audio import Clip, encode;"
        "clip = Clip((0.2 * np.sin(np.arange(24_000) / 9)).astype(np.float32), 24_000);"
        "sys.stdout.buffer.write(encode(clip, 'ogg'))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout == here


@pytest.mark.parametrize("data", [b"RIFF" + bytes(60), opus()[:-5], b"OggS"])
def test_what_is_no_whole_pages_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="page at byte"):
        ogg.with_serial(data)
