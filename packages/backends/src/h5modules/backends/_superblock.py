"""The first bytes of an HDF5 file: who has it open, and where it ends."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LONGEST = 64
"""How many bytes hold all that is looked at, in any version."""

FLAGGED_SINCE = 3
"""From this version on HDF5 refuses a file that says that it is open for writing."""

_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Superblock:
    """What matters here of a superblock, versions 0 to 3."""

    start: int
    """Where it lies: behind the user block, where there is one."""
    stored: bytes
    """Its first bytes."""

    @property
    def version(self) -> int:
        """Its version."""
        return self.stored[8]

    @property
    def is_flagged(self) -> bool:
        """Whether HDF5 refuses the file, for a writer has it open, or was killed."""
        return self.version >= FLAGGED_SINCE and bool(self.stored[11])

    @property
    def end(self) -> int:
        """Where the file ends, as HDF5 wrote it down last; the file may be longer."""
        return int.from_bytes(self.stored[self._end_at : self._end_at + self._width], "little")

    @property
    def _width(self) -> int:
        return self.stored[13 if self.version < 2 else 9]

    @property
    def _end_at(self) -> int:
        addresses = {0: 24, 1: 28}.get(self.version, 12)
        return addresses + 2 * self._width

    def mended(self, size: int) -> bytes:
        """Return the bytes to be stored so that HDF5 opens the file, and counts `size` bytes as taken.

        No file becomes shorter by it: what HDF5 does not know to be its own it would cut off, or write over.
        """
        stored = bytearray(self.stored[: self._end_at + 2 * self._width])
        stored[self._end_at : self._end_at + self._width] = max(self.end, size).to_bytes(
            self._width, "little"
        )
        if self.version < 2:
            return bytes(stored)
        stored[11] = 0
        return bytes(stored) + struct.pack("<I", lookup3(bytes(stored)))


def read_superblock(file: BinaryIO) -> Superblock | None:
    """Return the superblock of an open file; None when it has none, or one of an unknown version."""
    size = file.seek(0, 2)
    start = 0
    while start + _LONGEST <= size:
        file.seek(start)
        stored = file.read(_LONGEST)
        if stored.startswith(_SIGNATURE):
            is_known = stored[8] <= FLAGGED_SINCE and stored[13 if stored[8] < 2 else 9] in (4, 8)
            return Superblock(start, stored) if is_known else None
        start = max(512, 2 * start)
    return None


def lookup3(data: bytes) -> int:
    """Return the checksum that HDF5 gives to metadata (Bob Jenkins' lookup3).

    Examples
    --------
    >>> hex(lookup3(b'Four score and seven years ago'))
    '0x17770551'
    """
    a = b = c = (0xDEADBEEF + len(data)) & _MASK
    if not data:
        return c
    blocks = range(0, len(data), 12)
    for start in blocks:
        words = struct.unpack("<III", data[start : start + 12].ljust(12, b"\0"))
        a, b, c = ((old + new) & _MASK for old, new in zip((a, b, c), words, strict=True))
        a, b, c = _final(a, b, c) if start == blocks[-1] else _mixed(a, b, c)
    return c


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


def _mixed(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in (4, 6, 8, 16, 19, 4):
        # One step; then each takes the place of the one before it.
        a = ((a - c) & _MASK) ^ _rotated(c, bits)
        c = (c + b) & _MASK
        a, b, c = b, c, a
    return a, b, c


def _final(a: int, b: int, c: int) -> tuple[int, int, int]:
    for bits in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _rotated(b, bits)) & _MASK
        a, b, c = b, c, a
    # Seven steps end one place further than they began.
    return c, a, b
