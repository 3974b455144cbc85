"""Output that may be lost: a scan goes on, and is saved, whoever reads."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO, cast

from rich.console import Console


class SteadyStream(io.TextIOBase):
    """A stream that drops what cannot be written, and all that comes later.

    The reader of a pipe leaves, a terminal is closed, the disk of a log file is full: no scan ends for that.

    Parameters
    ----------
    stream
        Where to write; None drops all.

    Examples
    --------
    >>> SteadyStream(None).write('Saved')
    5
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute in typeshed
        """The encoding of the stream."""
        return "utf-8" if self._stream is None else self._stream.encoding

    def write(self, text: str) -> int:
        """Write text if it can be written; return its length."""
        if self._stream is not None:
            try:
                self._stream.write(text)
                self._stream.flush()
            except OSError:
                self._drop()
        return len(text)

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the number of the stream.

        Raises
        ------
        io.UnsupportedOperation
            When there is none.
        """
        return super().fileno() if self._stream is None else self._stream.fileno()

    def _drop(self) -> None:
        # What is buffered goes nowhere: Python would try it once more when it ends, and tell a failure.
        assert self._stream is not None
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        self._stream = None


def steady_console() -> Console:
    """Return the terminal, or the pipe, of errors and progress; it goes quiet when it cannot be written."""
    return Console(file=cast("TextIO", SteadyStream(sys.stderr)), highlight=False)


def tell_steadily(*lines: str) -> None:
    """Print lines, as far as they can be printed."""
    stream = SteadyStream(sys.stdout)
    for line in lines:
        stream.write(f"{line}\n")
