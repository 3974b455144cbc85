"""Pause, resume, stop and abort a scan while it runs."""

from __future__ import annotations

import threading
import time

from ._errors import ScanAbortedError


class ScanControl:
    """The buttons of a scan; any thread may press them.

    Give one to `run_scan`, and keep it to press on: from a callback, another thread, a button of a notebook.

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

        Devices are not waited for, but for one that is called in the thread of the scan: the last actuator
        and the first detector, where they have no time-out.
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
            self._is_going.wait()
        self.raise_if_aborted()
        return not self.is_stopping

    def sleep(self, seconds: float) -> None:
        """Wait that long, or raise as soon as the scan is aborted."""
        if seconds > 0:
            self._is_aborted.wait(seconds)
        self.raise_if_aborted()

    def wait_for_stop(self, seconds: float) -> bool:
        """Wait that long, or until a stop; return whether there was one."""
        return self._is_stopped.wait(max(0.0, seconds))

    def raise_if_aborted(self) -> None:
        """Raise when the scan was aborted.

        Raises
        ------
        ScanAbortedError
            When it was.
        """
        if self._is_aborted.is_set():
            raise ScanAbortedError("the scan was aborted; the point that was being measured is dropped.")


def seconds_until(deadline: float | None, most: float) -> float:
    """Return how long to wait for a deadline of the monotonic clock, at most so many seconds at a time."""
    return most if deadline is None else min(most, max(0.0, deadline - time.monotonic()))
