"""Many files read, one after the other or by several processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from h5modules.backends import H5ModulesError

from ._contents import FileContents, read_contents

_FEW = 300
"""So many files are read before other processes have started."""

_AT_ONCE = 10
"""How many files a process is given at once."""

DEADLY = "reading it ends the process that reads it: it is damaged."
"""Why a file is not read again until it changes."""


def read_files(paths: Sequence[Path], processes: int = 1) -> Generator[FileContents | str, None, None]:
    """Yield what is in each file, in order; in the place of one that cannot be read, why.

    Parameters
    ----------
    paths
        The files.
    processes
        By how many processes they are read, where they are many. A file that kills the process which reads
        it costs no other file then.
    """
    if processes == 1 or len(paths) < _FEW:
        yield from map(_contents_or_problem, paths)
        return
    at_once, done = processes, 0
    while done < len(paths):
        try:
            for outcome in _read_by(at_once, paths[done:]):
                done += 1
                yield outcome
        except BrokenProcessPool:
            # A file ended a process. One process alone tells which: it is the one that has no outcome then.
            if at_once == 1:
                done += 1
                yield DEADLY
            at_once = processes if at_once == 1 else 1


def _read_by(processes: int, paths: Sequence[Path]) -> Generator[FileContents | str, None, None]:
    context = multiprocessing.get_context("spawn")  # HDF5 survives no fork
    with ProcessPoolExecutor(processes, context, initializer=_leave_interrupts) as pool:
        yield from pool.map(_contents_or_problem, paths, chunksize=1 if processes == 1 else _AT_ONCE)


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the process that started this one: it ends both."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _contents_or_problem(path: Path) -> FileContents | str:
    try:
        return read_contents(path)
    except H5ModulesError as error:
        return str(error)
