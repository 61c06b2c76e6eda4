"""Ogg streams with a serial number of our choice: libsndfile draws one at random, so that equal audio gave other bytes.

RFC 3533: a page is 27 bytes of header (serial number at byte 14, checksum at 22, count of segments at 26), the table
of segment sizes, and the segments. It knows nothing of what the stream holds.
"""

import struct
import zlib

SERIAL = 1
_HEADER = 27
_MAGIC = b"OggS"
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def with_serial(data: bytes, serial: int = SERIAL) -> bytes:
    """Return an Ogg file of one stream with this serial number on every page.

    Raises:
        ValueError: the bytes are no whole Ogg pages.
    """
    out = bytearray(data)
    start = 0
    while start < len(out):
        end = start + _page_size(out, start)
        struct.pack_into("<I", out, start + 14, serial)
        struct.pack_into("<I", out, start + 22, 0)
        struct.pack_into("<I", out, start + 22, checksum(bytes(out[start:end])))
        start = end
    return bytes(out)


def checksum(page: bytes) -> int:
    """CRC-32 of a page whose checksum field is 0: polynomial 0x04c11db7, highest bit first, nothing inverted.

    zlib's has the same polynomial lowest bit first, and inverts before and after: both are undone.
    """
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def _page_size(data: bytearray, start: int) -> int:
    if data[start : start + 4] != _MAGIC or len(data) < start + _HEADER:
        raise ValueError(f"no Ogg page at byte {start}")
    n_segments = data[start + 26]
    size = _HEADER + n_segments + sum(data[start + _HEADER : start + _HEADER + n_segments])
    if start + size > len(data):
        raise ValueError(f"the Ogg page at byte {start} is cut short")
    return size
