"""Ctrl-C while a scan runs: once to stop after the point, twice to stop now, never in a write."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import FrameType, TracebackType
from typing import Any, Self


class InterruptGate:
    """A ``with`` block in which Ctrl-C waits.

    The first time it is told, and waits until the block is left, or `release`; from the second time on it
    passes where the inner blocks let it. A file is so closed in peace, however often the key is hit. Only the
    main thread gets Ctrl-C; in another one, and where the application ignores it, the gate does nothing.

    Parameters
    ----------
    on_press
        Called when the key is hit for the first time.

    Examples
    --------
    >>> with InterruptGate() as gate:
    ...     with gate.passing():
    ...         pass  # a slow device may be interrupted here, by a second Ctrl-C
    ...     pass  # writing may not
    """

    def __init__(self, on_press: Callable[[], object] = lambda: None) -> None:
        self._on_press = on_press
        self._previous: Callable[[int, FrameType | None], Any] | None = None
        self._presses = 0
        self._lets_pass = False
        self._passing = _Passing(self)

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
            self.release()

    def passing(self) -> AbstractContextManager[None]:
        """Return a block in which Ctrl-C passes when it is hit again, or was hit twice before."""
        return self._passing

    def let_pass(self, is_open: bool) -> None:
        """Open or shut the gate."""
        self._lets_pass = is_open
        if is_open and self._presses > 1:
            self.release()

    def release(self, frame: FrameType | None = None) -> None:
        """Do what Ctrl-C would have done, if it was hit."""
        if self._presses and self._previous is not None:
            self._presses = 0
            self._previous(signal.SIGINT, frame)

    def forget(self) -> None:
        """Forget that the key was hit: what it asked for is done."""
        self._presses = 0

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._presses += 1
        if self._presses == 1:
            self._on_press()
        elif self._lets_pass:
            self.release(frame)


class _Passing:
    """A block in which the gate is open."""

    def __init__(self, gate: InterruptGate) -> None:
        self._gate = gate

    def __enter__(self) -> None:
        try:
            self._gate.let_pass(True)
        except BaseException:  # the block is not entered then, and would not be left
            self._gate.let_pass(False)
            raise

    def __exit__(self, *details: object) -> None:
        self._gate.let_pass(False)
