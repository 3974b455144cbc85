"""Byte ranges of a file, kept apart from the file."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import itemgetter

_START = itemgetter(0)


class ByteRanges:
    """Byte ranges that do not overlap; what is put over others replaces their bytes.

    Examples
    --------
    >>> ranges = ByteRanges()
    >>> ranges.put(10, b'abcd')
    >>> ranges.put(12, b'XYZ')
    >>> [(start, bytes(part)) for start, part in ranges]
    [(10, b'abXYZ')]
    """

    def __init__(self) -> None:
        # One list, changed in one step: an interruption (Ctrl-C) finds it as it was, or as it is then.
        self._ranges: list[tuple[int, bytearray]] = []

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def __iter__(self) -> Iterator[tuple[int, bytearray]]:
        return iter(self._ranges)

    def clear(self) -> None:
        """Forget all ranges."""
        self._ranges = []

    def _touching(self, start: int, stop: int) -> tuple[int, int]:
        """Return which ranges overlap or touch ``[start, stop)``: the first, and the one after the last."""
        first = bisect_right(self._ranges, start, key=_START)
        if first and _end(self._ranges[first - 1]) >= start:
            first -= 1
        return first, bisect_right(self._ranges, stop, lo=first, key=_START)

    def put(self, start: int, values: memoryview | bytes | bytearray) -> None:
        """Keep `values` as the bytes from `start` on."""
        stop = start + len(values)
        first, last = self._touching(start, stop)
        if first == last:
            self._ranges.insert(first, (start, bytearray(values)))
            return
        held, part = self._ranges[first]
        if last - first == 1 and held <= start and stop <= held + len(part):
            part[start - held : stop - held] = values
            return
        last_held, last_part = self._ranges[last - 1]
        head, tail = part[: max(start - held, 0)], last_part[max(stop - last_held, 0) :]
        self._ranges[first:last] = [(min(start, held), head + values + tail)]

    def discard(self, start: int, stop: int) -> None:
        """Forget the bytes of ``[start, stop)``."""
        first, last = self._touching(start, stop)
        kept: list[tuple[int, bytearray]] = []
        for held, part in self._ranges[first:last]:
            kept.append((held, part[: max(start - held, 0)]))
            kept.append((max(held, stop), part[max(stop - held, 0) :]))
        self._ranges[first:last] = [(held, part) for held, part in kept if part]

    def overlay(self, start: int, target: memoryview) -> None:
        """Put what is kept of the bytes from `start` on into `target`."""
        stop = start + len(target)
        first, _ = self._touching(start, stop)
        for held, part in self._ranges[first : bisect_left(self._ranges, stop, lo=first, key=_START)]:
            low, high = max(start, held), min(stop, held + len(part))
            if low < high:
                target[low - start : high - start] = memoryview(part)[low - held : high - held]


def _end(entry: tuple[int, bytearray]) -> int:
    start, part = entry
    return start + len(part)
