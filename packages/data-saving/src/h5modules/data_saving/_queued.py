"""Saving in the background: a store whose answers take long does not slow what measures."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from ._errors import QueuedPointError


@dataclass(frozen=True, slots=True)
class QueuedPoint:
    """A point on its way: what the saver is called with.

    Attributes
    ----------
    arguments, options
        What `add_data` was given, copied.
    """

    arguments: tuple[Any, ...]
    options: Mapping[str, Any]


class _BehindGapError(Exception):
    """A point is not stored, for one before it could not be: order is kept."""


class QueuedSaver:
    """Saves points one after the other in a thread of its own.

    It stands before any saver, and has its `add_data`. That returns once the point is in the queue: a point
    counts as stored when `flush` or `close` has returned, and not before. A full queue makes the caller wait.
    Meanwhile the file belongs to that thread: call `flush` before anything else is done with it.

    Parameters
    ----------
    add_data
        What saves a point.
    size
        How many points wait at most.

    Examples
    --------
    >>> from pymodaq_data.data import DataRaw, DataToExport
    >>> from h5modules.data_saving import DataToExportExtendedSaver, QueuedSaver
    >>> import numpy as np
    >>> with DataToExportExtendedSaver(tmp_path / 'scan.h5', (3,)) as saver:
    ...     with QueuedSaver(saver.add_data, size=2) as queue:
    ...         for index in range(3):
    ...             power = DataRaw('power', data=[np.array([float(index)])])
    ...             queue.add_data('/RawData', DataToExport('point', data=[power]), (index,))
    ...     saver.h5saver.get_node('/RawData/Data0D/CH00/Data00').read()
    array([0., 1., 2.])
    """

    def __init__(self, add_data: Callable[..., object], size: int = 64) -> None:
        if size < 1:
            raise ValueError(f"a queue of {size} points holds none: give at least 1.")
        self._save = add_data
        self._room = threading.Semaphore(size)
        self._failed = threading.Event()
        self._points: deque[tuple[QueuedPoint, Future[None]]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queued-saver")
        self._is_open = True

    @property
    def waiting(self) -> int:
        """How many points are not known to be stored yet."""
        self._forget_stored()
        return len(self._points)

    def add_data(self, *arguments: Any, **options: Any) -> None:
        """Put a point into the queue; the arguments are those of the saver's `add_data`, and are copied.

        Raises
        ------
        QueuedPointError
            When a point before could not be stored, or the queue was closed; this one is not in it then.
        """
        self._require_stored()
        if not self._is_open:
            raise QueuedPointError(
                "the queue was closed, and takes no more points; make another QueuedSaver."
            )
        self._room.acquire()
        try:
            point = QueuedPoint(deepcopy(arguments), deepcopy(options))
            self._points.append((point, self._thread.submit(self._store, point)))
        except BaseException:  # nobody else would give the place in the queue back
            self._room.release()
            raise

    def _store(self, point: QueuedPoint) -> None:
        try:
            if self._failed.is_set():
                raise _BehindGapError
            self._save(*point.arguments, **point.options)
        except BaseException:
            self._failed.set()
            raise
        finally:
            self._room.release()

    def flush(self) -> None:
        """Wait until every point is stored; behind a closed queue none waits.

        Raises
        ------
        QueuedPointError
            When one could not be.
        """
        if self._is_open:
            self._thread.submit(int).result()  # done when all before it are
            self._require_stored()

    def _forget_stored(self) -> None:
        points = self._points
        while points and points[0][1].done() and points[0][1].exception() is None:
            points.popleft()

    def _require_stored(self) -> None:
        self._forget_stored()
        if not self._points or not self._points[0][1].done():
            return
        error = self._points[0][1].exception()
        self._thread.submit(int).result()  # what was behind it was passed over by now
        unsaved, self._points = tuple(point for point, _ in self._points), deque()
        self._failed.clear()
        why = str(error).rstrip(".")
        raise QueuedPointError(
            f"a point could not be stored ({_named(unsaved[0])}): {why}. It and those behind it, "
            f"{len(unsaved)} in all, are in the error's `unsaved`.",
            unsaved,
        ) from error

    def close(self) -> None:
        """Wait until every point is stored, and end the thread; closing twice is no error.

        Raises
        ------
        QueuedPointError
            When one could not be.
        """
        try:
            if self._is_open:
                self.flush()
        finally:
            self._is_open = False
            self._thread.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


def _named(point: QueuedPoint) -> str:
    """Return where a point belongs, as far as the arguments tell."""
    told = [*map(repr, filter(_is_short, point.arguments))]
    told += [f"{name}={value!r}" for name, value in point.options.items() if _is_short(value)]
    return ", ".join(told) or "without an index"


def _is_short(value: object) -> bool:
    return isinstance(value, int | str | tuple) and len(repr(value)) < 80
