"""Pause, resume, stop and abort a scan while it runs."""

from __future__ import annotations

import threading
import time

from ._errors import ScanAbortedError

_LOOK_UP = 0.1
"""How long a wait is at a time, in seconds: where waits cannot be interrupted, Ctrl-C is heard in between."""


class ScanControl:
    """The buttons of a scan; any thread may press them.

    Give one to `run_scan`, and keep it to press on: from a callback, another thread, a button of a notebook.
    One is for one scan: what was pressed stays pressed.

    Examples
    --------
    >>> control = ScanControl()
    >>> control.pause()
    >>> control.is_paused, control.is_stopping
    (True, False)
    """

    def __init__(self) -> None:
        self._is_going = threading.Event()
        self._is_going.set()
        self._is_aborted = threading.Event()
        self._is_stopped = threading.Event()

    def pause(self) -> None:
        """Wait after the point that is being measured."""
        if not self.is_stopping:
            self._is_going.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._is_going.set()

    def stop(self) -> None:
        """End the scan after the point that is being measured; all points before are saved."""
        self._is_stopped.set()
        self._is_going.set()

    def abort(self) -> None:
        """End the scan now: the point that is being measured is dropped.

        Devices are not waited for, but for one that is called in the thread of the scan: of those without a
        time-out the last actuator, the first detector, and any that returned at once so far. With
        ``CallLimits(timeout=math.inf)`` none of them holds it up.
        """
        self._is_aborted.set()
        self.stop()

    @property
    def is_paused(self) -> bool:
        """Whether the scan waits, or will after the point."""
        return not self._is_going.is_set()

    @property
    def is_stopping(self) -> bool:
        """Whether the scan ends after the point."""
        return self._is_stopped.is_set()

    def wait_to_go_on(self) -> bool:
        """Wait while the scan is paused; return whether it goes on then. The runner calls it."""
        if not self._is_going.is_set():
            _wait(self._is_going, None)
        self.raise_if_aborted()
        return not self.is_stopping

    def sleep(self, seconds: float) -> None:
        """Wait that long, or raise as soon as the scan is aborted."""
        if seconds > 0:
            _wait(self._is_aborted, seconds)
        self.raise_if_aborted()

    def wait_for_stop(self, seconds: float) -> bool:
        """Wait that long, or until a stop; return whether there was one."""
        return _wait(self._is_stopped, seconds)

    def raise_if_aborted(self) -> None:
        """Raise when the scan was aborted.

        Raises
        ------
        ScanAbortedError
            When it was.
        """
        if self._is_aborted.is_set():
            raise ScanAbortedError("the scan was aborted; the point that was being measured is dropped.")


def _wait(event: threading.Event, seconds: float | None) -> bool:
    """Wait for an event, so long at most; return whether it came."""
    deadline = None if seconds is None else time.monotonic() + seconds
    while not event.wait(seconds_until(deadline, _LOOK_UP)):
        if deadline is not None and time.monotonic() >= deadline:
            return False
    return True


def seconds_until(deadline: float | None, most: float) -> float:
    """Return how long to wait for a deadline of the monotonic clock, at most so many seconds at a time."""
    return most if deadline is None else min(most, max(0.0, deadline - time.monotonic()))
