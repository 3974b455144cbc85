"""What is to outlive what: the death of the process always, the loss of power when it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._errors import UnsupportedError
from ._handles import Appender, Writer


@dataclass(frozen=True, slots=True)
class Durability:
    """How soon what was written is on the disk itself.

    Whatever is chosen, a point or a row is with the operating system when `write` or `append` has returned,
    and all else when `flush` has: it outlives the death of the process at any moment. A loss of power
    takes what the system had not yet put on the disk, up to half a minute of it; this value says how
    much less it may take. On a server it is the same: what was written is with the server, and outlives the
    death of this process; the death of the server takes what was not on its disk.

    Parameters
    ----------
    writes
        Wait for the disk after so many points and rows; each array's count. 1: none is lost.
    seconds
        Wait for the disk at the first point or row after so many seconds.

    Raises
    ------
    ValueError
        When they are not positive.

    Examples
    --------
    >>> Durability(writes=1).is_synced, Durability().is_synced
    (True, False)
    """

    writes: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if any(each is not None and each <= 0 for each in (self.writes, self.seconds)):
            raise ValueError(f"{self} does not say how often: give positive numbers, or leave them out.")

    @property
    def is_synced(self) -> bool:
        """Whether the disk is waited for at all."""
        return self.writes is not None or self.seconds is not None


def taken_durability(options: Mapping[str, Any]) -> tuple[Durability, dict[str, Any]]:
    """Return the option ``durability`` of a file, and its other options.

    Raises
    ------
    UnsupportedError
        When it is something else.
    """
    others = dict(options)
    durability = others.pop("durability", Durability())
    if not isinstance(durability, Durability):
        raise UnsupportedError(f"the option durability is a Durability, not {durability!r}.")
    return durability, others


class DiskPace:
    """Waits for the disk as often as a `Durability` asks for.

    Parameters
    ----------
    wait
        Waits for the disk.
    durability
        How often.
    """

    def __init__(self, wait: Callable[[], None], durability: Durability) -> None:
        self._wait = wait
        self._writes = durability.writes or float("inf")
        self._seconds = durability.seconds or float("inf")
        self._pending = 0
        self._last = time.monotonic()

    def note(self) -> None:
        """Count one write, and wait for the disk when it is time."""
        self._pending += 1
        if self._pending >= self._writes or time.monotonic() - self._last >= self._seconds:
            self._wait()
            self._pending, self._last = 0, time.monotonic()

    def writer(self, writer: Writer) -> Writer:
        """Return a writer whose points are counted."""
        return SyncedWriter(writer, self)

    def appender(self, appender: Appender) -> Appender:
        """Return an appender whose rows are counted."""
        return SyncedAppender(appender, self)


class SyncedWriter:
    """A writer whose points reach the disk at a given pace."""

    def __init__(self, writer: Writer, pace: DiskPace) -> None:
        self._writer = writer
        self._pace = pace

    def write(self, index: tuple[int, ...], values: np.ndarray[Any, Any]) -> None:
        # docstring inherited
        self._writer.write(index, values)
        self._pace.note()


class SyncedAppender:
    """An appender whose rows reach the disk at a given pace."""

    def __init__(self, appender: Appender, pace: DiskPace) -> None:
        self._appender = appender
        self._pace = pace

    @property
    def length(self) -> int:
        # docstring inherited
        return self._appender.length

    def append(self, row: np.ndarray[Any, Any]) -> None:
        # docstring inherited
        self._appender.append(row)
        self._pace.note()
