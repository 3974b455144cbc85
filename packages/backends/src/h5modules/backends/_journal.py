"""The redo journal: a structure change, written down before the file is touched.

A journal lies beside its file while a change is being applied, and is then dropped. A complete one is applied
again by whoever finds it; an incomplete one says that the file was not touched yet.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from ._positioned import read_all, write_all
from ._sidecars import part_path

_MAGIC = b"H5MJRNL\x01"

_HEADER = struct.Struct("<8sQIIIQ")
"""Magic, size of the file afterwards, number of ranges to clear, to write, and replaced; bytes of all."""

_CHECKSUM = struct.Struct("<I")
"""CRC-32 of all that stands before and behind it; it follows the header."""

_RANGE = struct.Struct("<QQ")
"""Where a range begins, and how many bytes it has; those of one to be written follow."""

_ZEROS = bytes(2**20)


@dataclass(frozen=True, slots=True)
class Journal:
    """A structure change."""

    size: int
    """How long the file is afterwards."""
    cleared: tuple[tuple[int, int], ...] = ()
    """Start and length of ranges that become zero, before anything is written."""
    written: tuple[tuple[int, bytes | bytearray], ...] = ()
    """Start and bytes of ranges that are written."""
    replaced: tuple[tuple[int, bytes | bytearray], ...] = ()
    """Start and bytes of the same ranges before: they tell whether a journal is one of this file."""

    def encode(self) -> bytes:
        """Return the journal as it is stored.

        Examples
        --------
        >>> journal = Journal(100, ((50, 50),), ((8, b'abc'),))
        >>> Journal.decode(journal.encode()) == journal
        True
        >>> Journal.decode(journal.encode()[:-1]) is None
        True
        """
        parts: list[bytes | bytearray] = [_RANGE.pack(*each) for each in self.cleared]
        for start, values in (*self.written, *self.replaced):
            parts += (_RANGE.pack(start, len(values)), values)
        payload = b"".join(parts)
        counts = len(self.cleared), len(self.written), len(self.replaced)
        header = _HEADER.pack(_MAGIC, self.size, *counts, len(payload))
        return header + _CHECKSUM.pack(zlib.crc32(payload, zlib.crc32(header))) + payload

    @classmethod
    def decode(cls, stored: bytes) -> Journal | None:
        """Return what was stored, None when it is not complete."""
        at = _HEADER.size + _CHECKSUM.size
        if len(stored) < at:
            return None
        header, payload = stored[: _HEADER.size], stored[at:]
        magic, size, clears, writes, replaces, length = _HEADER.unpack(header)
        (checksum,) = _CHECKSUM.unpack_from(stored, _HEADER.size)
        if (magic, length) != (_MAGIC, len(payload)) or zlib.crc32(payload, zlib.crc32(header)) != checksum:
            return None
        cleared = tuple(_RANGE.unpack_from(payload, number * _RANGE.size) for number in range(clears))
        position = clears * _RANGE.size
        ranges = []
        for _ in range(writes + replaces):
            start, extent = _RANGE.unpack_from(payload, position)
            position += _RANGE.size
            ranges.append((start, payload[position : position + extent]))
            position += extent
        return cls(size, cleared, tuple(ranges[:writes]), tuple(ranges[writes:]))

    def is_of(self, descriptor: int) -> bool:
        """Tell whether an open file is at the beginning of this change, at its end, or between.

        Another file may have taken the place of the one that was written, or another program changed it.
        """
        for (start, before), (_, after) in zip(self.replaced, self.written, strict=False):
            now = bytearray(len(before))
            read_all(descriptor, start, memoryview(now))
            if now not in (before, after) and any(
                byte not in pair for byte, *pair in zip(now, before, after, strict=True)
            ):
                return False
        return True

    def apply(self, descriptor: int) -> None:
        """Bring an open file to the state after the change; to do it again changes nothing more.

        Raises
        ------
        OSError
            When the system refuses; the file then needs the journal to be read.
        """
        if os.fstat(descriptor).st_size < self.size:
            os.ftruncate(descriptor, self.size)
        for start, length in self.cleared:
            clear(descriptor, start, length)
        for start, values in self.written:
            write_all(descriptor, start, values)
        if os.fstat(descriptor).st_size > self.size:
            os.ftruncate(descriptor, self.size)


def clear(descriptor: int, start: int, length: int) -> None:
    """Write zeros over a range of an open file."""
    for offset in range(0, length, len(_ZEROS)):
        write_all(descriptor, start + offset, memoryview(_ZEROS)[: length - offset])


def read_journal(path: Path, descriptor: int) -> Journal | None:
    """Return the journal of an open file; None when there is none, or not a complete one of this file.

    Parameters
    ----------
    path
        Where the journal of the file is.
    descriptor
        The file.
    """
    try:
        journal = Journal.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    return journal if journal is not None and journal.is_of(descriptor) else None


def write_journal(path: Path, journal: Journal, *, synced: bool = False) -> None:
    """Store a journal: whole, or not at all.

    Parameters
    ----------
    path
        Where; one that is there is replaced.
    journal
        What.
    synced
        Whether it is on the disk itself afterwards, and outlives a loss of power.

    Raises
    ------
    OSError
        When it could not be stored; none is there then, or the one that was.
    """
    part = part_path(path)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
    try:
        try:
            write_all(descriptor, 0, journal.encode())
            if synced:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if synced:
        sync_folder(path.parent)


def finish_journal(path: Path, descriptor: int) -> bool:
    """Finish the change of an open file that was not applied to its end; tell whether there was one.

    Parameters
    ----------
    path
        Where the journal of the file is. It is gone afterwards, whatever it was.
    descriptor
        The file.
    """
    journal = read_journal(path, descriptor)
    if journal is not None:
        journal.apply(descriptor)
        os.fsync(descriptor)
    drop_journal(path, synced=True)
    return journal is not None


def drop_journal(path: Path, *, synced: bool = False) -> None:
    """Take a journal away, and what was left of one that was not stored to its end; none is no error.

    Parameters
    ----------
    path
        Where the journal is.
    synced
        Whether it stays away after a loss of power; one that came back would be applied over later changes.
    """
    found = [each for each in (path, part_path(path)) if each.exists()]
    for each in found:
        each.unlink()
    if found and synced:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk itself, where the system can (Windows does it by itself)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
