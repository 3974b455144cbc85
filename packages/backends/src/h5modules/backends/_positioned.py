"""Reading and writing bytes at a place of an open file, whatever else moves in it.

POSIX systems do it by one call. On Windows (untried) it is two, kept together by a lock.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

_LARGEST = 2**30
"""How many bytes go by one call: systems take less than 2 GiB."""

if sys.platform == "win32":
    import threading

    _lock = threading.Lock()

    def write_at(descriptor: int, values: Any, start: int) -> int:
        """Write bytes from `start` on; return how many were written."""
        with _lock:
            os.lseek(descriptor, start, os.SEEK_SET)
            return os.write(descriptor, values)

    def _read_at(descriptor: int, target: memoryview, start: int) -> int:
        with _lock:
            os.lseek(descriptor, start, os.SEEK_SET)
            values = os.read(descriptor, len(target))
        target[: len(values)] = values
        return len(values)

else:
    write_at: Callable[[int, Any, int], int] = os.pwrite

    def _read_at(descriptor: int, target: memoryview, start: int) -> int:
        return os.preadv(descriptor, [target], start)


def write_all(descriptor: int, start: int, values: memoryview | bytes | bytearray) -> None:
    """Write all bytes of `values` from `start` on.

    Raises
    ------
    OSError
        When the system refuses; some of them may be written.
    """
    left = memoryview(values)
    while left:
        written = write_at(descriptor, left[:_LARGEST], start)
        start += written
        left = left[written:]


def read_all(descriptor: int, start: int, target: memoryview) -> None:
    """Fill `target` with the bytes from `start` on; those beyond the end of the file are zero."""
    position = 0
    while position < len(target):
        count = _read_at(descriptor, target[position : position + _LARGEST], start + position)
        if not count:
            target[position:] = bytes(len(target) - position)
            return
        position += count
