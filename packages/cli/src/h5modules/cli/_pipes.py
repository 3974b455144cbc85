"""Output that cannot be written: nobody reads it, or there is no room for it."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY_READS = 141
"""The exit code of a command whose reader has seen enough: what shells tell of programs that a pipe ended."""

FAILED = 1
"""The exit code of a command whose output finds no room."""

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What writing to a stream may fail with. Files are written by layers, which raise errors of their own."""


def open_streams() -> None:
    """Make sure that there are streams to write to, and that a name in a file does not stop one.

    One that was closed before the start goes nowhere. Without it the next file that is opened had its number,
    and what a library prints would go into that file.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the end
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):  # for a pipe that lacks letters
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def ending_with_its_reader() -> Iterator[None]:
    """End quietly when a reader of our output, such as ``head``, has seen enough; tell that a disk is full.

    A pipe that broke is seen as what typer and rich make of it: both end the program while they handle it.
    """
    try:
        yield
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        _forget_what_is_buffered()
        sys.exit(NOBODY_READS)
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename is not None:
            raise
        _forget_what_is_buffered()
        sys.stderr.write(f"Error: the output cannot be written: {error.strerror}.\n")
        sys.exit(FAILED)


def _forget_what_is_buffered() -> None:
    """Make sure that Python, when it ends, does not try once more what could not be written."""
    for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
