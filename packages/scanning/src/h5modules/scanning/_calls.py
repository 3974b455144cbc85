"""Calls of devices: together with others, with a time-out, again when they fail."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from ._control import ScanControl, seconds_until
from ._devices import failure
from ._errors import DeviceFailedError, DeviceTimeoutError, PlanError
from ._lost import LOST

_LOOK_UP = 0.1
"""How often a wait for a device looks whether the scan was aborted, in seconds."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How long a device may take, and how often it is asked again.

    Attributes
    ----------
    timeout
        Seconds after which a call has failed; None waits for ever. A call that runs on is not repeated: the
        device counts as lost until it returns, in the next scan too, and what it returns then is dropped.
        ``math.inf`` waits for ever as well, but in a thread: an abort then does not wait for the device.
    retries
        How often a call that failed is made again.

    Raises
    ------
    PlanError
        When one of them cannot be.
    """

    timeout: float | None = None
    retries: int = 0

    def __post_init__(self) -> None:
        problems = []
        if self.timeout is not None and not self.timeout > 0:
            problems.append(f"timeout is {self.timeout!r}; give seconds above 0.")
        retries: object = self.retries
        if not isinstance(retries, int) or retries < 0:
            problems.append(f"retries is {self.retries!r}; give a whole number, 0 or more.")
        if problems:
            raise PlanError(*problems)


class _Call:
    """One call, while it runs and when it is over."""

    __slots__ = ("_done", "_function", "error", "is_over", "value")

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self.value: Any = None
        self.error: BaseException | None = None
        self.is_over = False
        # A bare lock, held until the call is over: an Event costs several times as much.
        self._done = threading.Lock()
        self._done.acquire()

    def run(self) -> None:
        try:
            self.value = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for the call
            self.error = error
        self.is_over = True
        self._done.release()

    def wait(self, timeout: float | None, control: ScanControl) -> bool:
        """Wait until the call is over; return whether it is."""
        deadline = None if timeout is None else time.monotonic() + timeout
        # The lock is not given back, and Ctrl-C may come behind it: who waits later is told by `is_over`.
        while not self.is_over and not self._done.acquire(timeout=seconds_until(deadline, _LOOK_UP)):
            control.raise_if_aborted()
            if deadline is not None and time.monotonic() >= deadline:
                return self.is_over
        return True


class DeviceCaller(ABC):
    """Makes the calls of one device, one after the other: begins one, and finishes it.

    Attributes
    ----------
    name
        The device, as in a sentence: ``detector 'Camera'``.
    limits
        How long it may take, and how often it is asked again.
    """

    def __init__(self, name: str, limits: CallLimits) -> None:
        self.name = name
        self.limits = limits

    @abstractmethod
    def begin(self, function: Callable[[], Any], when: object) -> Any:
        """Begin a call, and return what `finish` takes.

        Raises
        ------
        DeviceTimeoutError
            When an earlier call does not return within the time-out.
        """

    @abstractmethod
    def finish(self, call: Any, when: object) -> Any:
        """Return what a call returned.

        Raises
        ------
        DeviceTimeoutError
            When it did not return in time.
        DeviceFailedError
            When the device raised an error.
        """

    @abstractmethod
    def close(self, device: object) -> None:
        """Make no more calls of the device."""


class DirectCaller(DeviceCaller):
    """Calls a device in the thread of who asks, when the call is finished."""

    def begin(self, function: Callable[[], Any], when: object) -> Callable[[], Any]:
        """Return the function: others may begin before."""
        return function

    def finish(self, call: Callable[[], Any], when: object) -> Any:
        """Make the call."""
        try:
            return call()
        except Exception as error:
            raise failure(self.name, when, error) from error

    def close(self, device: object) -> None:
        """Do nothing: there is no thread to end."""


class ThreadedCaller(DeviceCaller):
    """Calls a device in a thread of its own: others can be called meanwhile, and a time-out be kept.

    Parameters
    ----------
    name, limits
        As of `DeviceCaller`.
    control
        The scan's: a wait ends when it is aborted.
    """

    def __init__(self, name: str, limits: CallLimits, control: ScanControl) -> None:
        super().__init__(name, limits)
        self._control = control
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._lost: _Call | None = None
        # A daemon: a device that never returns must not keep the program from ending.
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call.run()

    def begin(self, function: Callable[[], Any], when: object) -> _Call:
        """Begin a call in the thread."""
        if self._lost is not None:
            self._require_back(self._lost, when)
        self._lost = call = _Call(function)  # lost until somebody has waited for it
        self._calls.put(call)
        return call

    def _require_back(self, lost: _Call, when: object) -> None:
        if not lost.wait(self.limits.timeout, self._control):
            raise DeviceTimeoutError(
                f"{self.name} failed {when}: it is lost, an earlier call has not returned yet; "
                "it is not called again before."
            )
        self._lost = None

    def finish(self, call: _Call, when: object) -> Any:
        """Wait for a call."""
        if not call.wait(self.limits.timeout, self._control):
            raise DeviceTimeoutError(
                f"{self.name} failed {when}: it did not return within {self.limits.timeout:g} s."
            )
        self._lost = None
        if isinstance(call.error, Exception):
            raise failure(self.name, when, call.error) from call.error
        if call.error is not None:  # Ctrl-C, or an exit
            raise call.error
        return call.value

    def close(self, device: object) -> None:
        """End the thread, when the call that it is at returns; until then the device is lost."""
        self._calls.put(None)
        if self._lost is not None:
            LOST.add(device, self._lost)


Request = tuple[DeviceCaller, Callable[[], Any]]
"""A device, and what to call of it."""


def call_together(requests: Sequence[Request], when: object) -> list[Any]:
    """Call several devices at the same time, wait for all, and return what they returned.

    Raises
    ------
    DeviceFailedError
        When one fails, its retries too; all others have been waited for.
    """
    values = call_each(requests, when)
    for value in values:
        if isinstance(value, DeviceFailedError):
            raise value
    return values


def call_each(requests: Sequence[Request], when: object) -> list[Any]:
    """Call several devices at the same time, and wait for all.

    Calls in threads begin first; one in the thread of who asks is made meanwhile, if it is the first.

    Returns
    -------
    What each returned; the error of one that failed, its retries too.
    """
    begun = [_attempt(request, when) for request in requests]
    return [_finish(request, first, when) for request, first in zip(requests, begun, strict=True)]


def _attempt(request: Request, when: object) -> Any:
    caller, function = request
    try:
        return caller.begin(function, when)
    except DeviceFailedError as error:
        return error


def _finish(request: Request, first: Any, when: object) -> Any:
    caller, _ = request
    attempt, tries_left = first, caller.limits.retries
    while True:
        failed = attempt
        if not isinstance(attempt, DeviceFailedError):
            try:
                return caller.finish(attempt, when)
            except DeviceFailedError as error:
                failed = error
        if not tries_left:
            return failed
        tries_left -= 1
        attempt = _attempt(request, when)


class Callers:
    """The callers of a scan's devices; their threads end with the ``with`` block."""

    def __init__(self, control: ScanControl) -> None:
        self.control = control
        self._made: list[tuple[object, DeviceCaller]] = []

    def add(self, name: str, device: object, limits: CallLimits, *, has_thread: bool) -> DeviceCaller:
        """Return a caller for a device, with a thread where that is asked for or a time-out needs it."""
        caller: DeviceCaller = DirectCaller(name, limits)
        if has_thread or limits.timeout is not None:
            caller = ThreadedCaller(name, limits, self.control)
        self._made.append((device, caller))
        return caller

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for device, caller in self._made:
            caller.close(device)
