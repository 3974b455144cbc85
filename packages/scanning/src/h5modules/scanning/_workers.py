"""Threads that make calls, and the calls they make."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from ._control import ScanControl, seconds_until

SHARED_SECONDS = 0.005
"""How long the devices that share a thread wait for one that holds it, in seconds."""

_LOOK_UP = 0.1
"""How often a wait for a device looks whether the scan was aborted, in seconds."""


class Call:
    """One call, while it waits, while it runs, and when it is over; it is made once at most.

    Parameters
    ----------
    function
        What is called.

    Attributes
    ----------
    value, error
        What it returned or raised.
    seconds
        How long it took.
    is_over
        Whether it has returned, or will never be made.
    """

    __slots__ = ("_done", "_function", "_ticket", "error", "is_over", "seconds", "value")

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self.value: Any = None
        self.error: BaseException | None = None
        self.seconds = 0.0
        self.is_over = False
        # Bare locks: an Event costs several times as much. Who gets the ticket makes the call.
        self._ticket = threading.Lock()
        self._done = threading.Lock()
        self._done.acquire()

    @property
    def is_begun(self) -> bool:
        """Whether a thread makes it, or has made it."""
        return self._ticket.locked()

    def run(self) -> None:
        """Make the call, unless another thread does."""
        if not self._ticket.acquire(blocking=False):
            return
        start = time.perf_counter()
        try:
            self.value = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for the call
            self.error = error
        self.seconds = time.perf_counter() - start
        self.is_over = True
        self._done.release()

    def cancel(self) -> bool:
        """Make sure that it is not made any more; return whether it was not begun yet."""
        if not self._ticket.acquire(blocking=False):
            return False
        self.is_over = True
        return True

    def wait(self, timeout: float | None, control: ScanControl) -> bool:
        """Wait until the call is over; return whether it is.

        Raises
        ------
        ScanAbortedError
            When the scan is aborted meanwhile.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        # The lock is not given back, and Ctrl-C may come behind it: who waits later is told by `is_over`.
        while not self.is_over and not self._done.acquire(timeout=seconds_until(deadline, _LOOK_UP)):
            control.raise_if_aborted()
            if deadline is not None and time.monotonic() >= deadline:
                return self.is_over
        return True


class Worker:
    """A thread that makes calls, one after the other.

    Parameters
    ----------
    name
        The name of the thread.
    """

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        # A daemon: a device that never returns must not keep the program from ending.
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call.run()

    def put(self, call: Call) -> None:
        """Have a call made, behind those before."""
        self._calls.put(call)

    def close(self) -> None:
        """End the thread, behind the calls before."""
        self._calls.put(None)


class SharedWorker:
    """One thread for the calls of devices that return at once; it is begun when it is needed."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._coming: list[Call] = []
        self._latest: Call | None = None

    def put(self, call: Call) -> None:
        """Have a call made, behind those before, as soon as somebody waits for it.

        The thread, were it woken before, would wait in vain for the interpreter, and be woken twice.
        """
        self._coming.append(call)

    def wait(self, control: ScanControl) -> bool:
        """Have the calls made, and wait until all are over, for a moment; return whether they are.

        If not, the thread is left to the call that holds it: calls from now on are made in a new one.

        Raises
        ------
        ScanAbortedError
            When the scan is aborted meanwhile.
        """
        if self._coming:
            self._worker = self._worker or Worker("devices that return at once")
            for call in self._coming:
                self._worker.put(call)
            self._latest = self._coming[-1]
            self._coming.clear()
        # For the last: to be woken by each costs a change of the thread every time.
        if self._latest is not None and self._latest.wait(SHARED_SECONDS, control):
            return True
        self.close()
        return False

    def close(self) -> None:
        """End the thread, behind the calls before."""
        if self._worker is not None:
            self._worker.close()
        self._worker = self._latest = None
