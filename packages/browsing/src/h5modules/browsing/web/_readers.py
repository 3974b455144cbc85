"""Processes that read files: one that hangs or dies on a damaged file is replaced, and harms nobody else."""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from weakref import WeakValueDictionary

from pebble import ProcessExpired, ProcessPool

from ._answers import Answer, answer
from ._errors import BusyError, ReaderError

_MEMORY = 6 * 2**30
"""How many bytes of addresses a process may have, where the system can limit that (not on Windows)."""

_LOWER = 5
"""By how much a reader gives way to other programs, where the system knows that (not on Windows)."""

_MOST_WAITING = 200
_MOST_BROKEN = 1000

_FRESH = 1.0
"""Seconds for which an answer is given to all who ask the same."""

_MOST_KEPT = 64 * 2**20
"""How many bytes of answers are kept for that."""

Question = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer that is waited for, or that came a moment ago."""

    answer: asyncio.Future[Answer]
    at: float

    @property
    def is_good(self) -> bool:
        """Whether another who asks may have it."""
        if not self.answer.done():
            return True
        failed = self.answer.cancelled() or self.answer.exception() is not None
        return not failed and time.monotonic() - self.at < _FRESH

    @property
    def nbytes(self) -> int:
        done = self.answer.done() and not self.answer.cancelled() and self.answer.exception() is None
        return len(self.answer.result().content) if done else 0


class FileReaders:
    """Some processes that read files; use it in a ``with`` block, which starts and ends them.

    Parameters
    ----------
    count
        How many.
    time_limit
        Seconds that a request may take from when its reading begins.
    """

    def __init__(self, count: int = 3, time_limit: float = 20.0) -> None:
        self._pool = ProcessPool(max_workers=count, initializer=_settle, context=_context())
        self._time_limit = time_limit
        self._most_of_one = max(count - 1, 1)
        self._jobs: set[asyncio.Future[Any]] = set()
        self._places: WeakValueDictionary[Path, asyncio.Semaphore] = WeakValueDictionary()
        self._asked: dict[Question, _Asked] = {}
        self._broken: set[Question] = set()
        self._is_over = False

    def __enter__(self) -> Self:
        self._pool.schedule(os.getpid)  # so that the first who looks need not wait for them to start
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.give_up()
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def give_up(self) -> None:
        """Answer nothing any more; who waits is told so."""
        self._is_over = True
        for job in self._jobs:
            job.cancel()

    async def ask(
        self, ask: Callable[..., Answer], path: Path, name: str, /, seen: str = "", **arguments: Any
    ) -> Answer:
        """Return what a function tells of a file.

        All who ask the same within a moment are given the same answer.

        Parameters
        ----------
        ask
            One of the questions in `_answers`.
        path, name
            Where the file is, and what it is called.
        seen
            What who asks knows already, such as how many points are there: the answer is no older than that.
        **arguments
            What the question takes besides.

        Raises
        ------
        ReaderError
            When that took too long or ended the process: the same is not tried again until the file changes.
        BusyError
            When too much is asked for at once, or the server stops.
        """
        question = (ask.__name__, path, seen, *sorted(arguments.items()))
        known = self._asked.get(question)
        if known is None or not known.is_good:
            task = asyncio.ensure_future(self._read(ask, path, name, arguments))
            task.add_done_callback(_look_at)
            known = self._keep(question, _Asked(task, time.monotonic()))
        # One who leaves must not take the answer from the others.
        return await asyncio.shield(known.answer)

    async def run(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        """Return what a function returns in one of the processes.

        Raises
        ------
        BusyError
            When too much is asked for at once, or the server stops.
        TimeoutError, ProcessExpired
            When that took too long, or ended the process.
        """
        if self._is_over or len(self._jobs) >= _MOST_WAITING:
            raise BusyError("so much is asked for that it is not read now; try again.")
        job = asyncio.wrap_future(
            self._pool.schedule(function, arguments, named, timeout=self._time_limit)
        )  # fmt: skip
        self._jobs.add(job)
        try:
            return await job
        except asyncio.CancelledError as error:
            if self._is_over:
                raise BusyError("the server stops.") from error
            raise
        finally:
            self._jobs.discard(job)

    async def _read(
        self, ask: Callable[..., Answer], path: Path, name: str, arguments: dict[str, Any]
    ) -> Answer:
        now = path.stat()
        question = (ask.__name__, path, now.st_mtime_ns, now.st_size, *sorted(arguments.items()))
        if question in self._broken:
            raise ReaderError(f"{name!r} could not be read there; it is tried again when it changes.")
        place = self._places.setdefault(path, asyncio.Semaphore(self._most_of_one))
        try:
            async with place:  # one file never keeps all processes busy
                found: Answer = await self.run(answer, ask, path, name, **arguments)
        except (ProcessExpired, TimeoutError) as error:
            if len(self._broken) >= _MOST_BROKEN:
                self._broken.clear()
            self._broken.add(question)
            raise ReaderError(f"{name!r} could not be read there: it may be damaged.") from error
        return found

    def _keep(self, question: Question, asked: _Asked) -> _Asked:
        """Keep what is asked for those who ask the same; what is not good for anybody any more is dropped."""
        kept = sorted(
            ((other, each) for other, each in self._asked.items() if each.is_good),
            key=lambda pair: -pair[1].at,
        )
        size = 0
        self._asked = {}
        for other, each in kept:
            size += each.nbytes
            if size <= _MOST_KEPT:
                self._asked[other] = each
        self._asked[question] = asked
        return asked


def _look_at(task: asyncio.Future[Answer]) -> None:
    """Look at how a question ended, so that asyncio does not complain when nobody waits for it any more."""
    if not task.cancelled():
        task.exception()


def _context() -> BaseContext:
    """Return how processes are started: on Linux as copies of one that has imported all, in milliseconds."""
    if "forkserver" not in multiprocessing.get_all_start_methods() or os.uname().sysname != "Linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_answers_module()])
    return context


def _answers_module() -> str:
    return answer.__module__


def _settle() -> None:
    """Make a process one that reads for others: bounded, and giving way to who writes."""
    if hasattr(os, "nice"):
        os.nice(_LOWER)
    try:
        resource: Any = importlib.import_module("resource")
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
