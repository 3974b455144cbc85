"""Processes that read files: one that hangs or dies on a damaged file is replaced, and harms nobody else."""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from ._answers import Answer, answer
from ._errors import BusyError, ReaderError

_MEMORY = 6 * 2**30
"""How many bytes of addresses a process may have, where the system can limit that (not on Windows)."""

_MOST_WAITING = 200
_MOST_BROKEN = 1000


class FileReaders:
    """Some processes that read files.

    Parameters
    ----------
    count
        How many.
    time_limit
        Seconds that a request may take from when its reading begins.
    """

    def __init__(self, count: int = 3, time_limit: float = 20.0) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPool(max_workers=count, initializer=_limit_memory, context=spawn)
        self._time_limit = time_limit
        self._waiting = 0
        self._broken: set[object] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    async def ask(self, ask: Callable[..., Answer], path: Path, name: str, /, **arguments: Any) -> Answer:
        """Return what a function tells of a file.

        Raises
        ------
        ReaderError
            When that took too long or ended the process: the same is not tried again until the file changes.
        BusyError
            When too much is asked for at once.
        """
        now = path.stat()
        question = (ask.__name__, path, now.st_mtime_ns, now.st_size, *sorted(arguments.items()))
        if question in self._broken:
            raise ReaderError(f"{name!r} could not be read there; it is tried again when it changes.")
        if self._waiting >= _MOST_WAITING:
            raise BusyError("so much is asked for that it is not read now; try again.")
        self._waiting += 1
        try:
            job = self._pool.schedule(answer, (ask, path, name), arguments, timeout=self._time_limit)
            found: Answer = await asyncio.wrap_future(job)
        except (ProcessExpired, TimeoutError) as error:
            if len(self._broken) >= _MOST_BROKEN:
                self._broken.clear()
            self._broken.add(question)
            raise ReaderError(f"{name!r} could not be read there: it may be damaged.") from error
        finally:
            self._waiting -= 1
        return found


def _limit_memory() -> None:
    try:
        resource: Any = importlib.import_module("resource")
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
