"""Ctrl-C while a file is written: held back until the writing is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self


class InterruptGate:
    """A ``with`` block in which Ctrl-C waits, but for the inner blocks that let it pass.

    A point is so finished or dropped whole, and the file is closed in peace, however often the key is hit.
    Only the main thread gets Ctrl-C; in another one, and where the application ignores it, the gate does
    nothing.

    Examples
    --------
    >>> with InterruptGate() as gate:
    ...     with gate.passing():
    ...         pass  # a slow device may be interrupted here
    ...     pass  # writing may not
    """

    def __init__(self) -> None:
        self._previous: Callable[[int, FrameType | None], Any] | None = None
        self._is_waiting = False
        self._lets_pass = False

    def __enter__(self) -> Self:
        handler = signal.getsignal(signal.SIGINT)
        if callable(handler) and threading.current_thread() is threading.main_thread():
            self._previous = handler
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._previous is None:
            return
        signal.signal(signal.SIGINT, self._previous)
        if error is None:  # else the block is being left already
            self._release()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Let Ctrl-C pass in a block, one that was held back before too."""
        self._lets_pass = True
        try:
            self._release()
            yield
        finally:
            self._lets_pass = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._is_waiting = True
        if self._lets_pass:
            self._release(frame)

    def _release(self, frame: FrameType | None = None) -> None:
        if self._is_waiting and self._previous is not None:
            self._is_waiting = False
            self._previous(signal.SIGINT, frame)
