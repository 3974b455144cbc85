"""Calls of devices: together with others, with a time-out, again when they fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from ._control import ScanControl, seconds_until
from ._devices import calling
from ._errors import DeviceFailedError, DeviceTimeoutError, PlanError

_LOOK_UP = 0.1
"""How often a wait for a device looks whether the scan was aborted, in seconds."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How long a device may take, and how often it is asked again.

    Attributes
    ----------
    timeout
        Seconds after which a call has failed; None waits for ever. A call that runs on is not repeated: the
        device counts as lost until it returns, and what it returns then is dropped.
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

    __slots__ = ("_done", "_function", "error", "value")

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self.value: Any = None
        self.error: BaseException | None = None
        # A bare lock, held until the call is over: an Event costs several times as much.
        self._done = threading.Lock()
        self._done.acquire()

    def run(self) -> None:
        try:
            self.value = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for the call
            self.error = error
        self._done.release()

    def wait(self, timeout: float | None, control: ScanControl) -> bool:
        """Wait until the call is over; return whether it is."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._done.acquire(timeout=seconds_until(deadline, _LOOK_UP)):
            control.raise_if_aborted()
            if deadline is not None and time.monotonic() >= deadline:
                return False
        self._done.release()
        return True


class DeviceCaller:
    """Makes the calls of one device, one after the other.

    Parameters
    ----------
    name
        The device, as in a sentence: ``detector 'Camera'``.
    limits
        How long it may take, and how often it is asked again.
    control
        The scan's: a wait ends when it is aborted.
    has_thread
        Whether it is called in a thread of its own, so that others can be called meanwhile; a time-out needs
        one.
    """

    def __init__(self, name: str, limits: CallLimits, control: ScanControl, *, has_thread: bool) -> None:
        self.name = name
        self.limits = limits
        self._control = control
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._lost: _Call | None = None
        self._thread: threading.Thread | None = None
        if has_thread or limits.timeout is not None:
            # A daemon: a device that never returns must not keep the program from ending.
            self._thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call.run()

    def begin(self, function: Callable[[], Any], when: str) -> _Call:
        """Begin a call; without a thread it is over when this returns.

        Raises
        ------
        DeviceTimeoutError
            When an earlier call does not return within the time-out.
        """
        if self._lost is not None:
            self._require_back(self._lost, when)
        call = _Call(function)
        if self._thread is None:
            call.run()
        else:
            self._lost = call  # until somebody has waited for it
            self._calls.put(call)
        return call

    def _require_back(self, lost: _Call, when: str) -> None:
        if not lost.wait(self.limits.timeout, self._control):
            raise DeviceTimeoutError(
                f"{self.name} failed {when}: it is lost, an earlier call has not returned yet; "
                "it is not called again before."
            )
        self._lost = None

    def finish(self, call: _Call, when: str) -> Any:
        """Return what a call returned.

        Raises
        ------
        DeviceTimeoutError
            When it did not return in time.
        DeviceFailedError
            When the device raised an error.
        """
        if not call.wait(self.limits.timeout, self._control):
            raise DeviceTimeoutError(
                f"{self.name} failed {when}: it did not return within {self.limits.timeout:g} s."
            )
        self._lost = None
        with calling(self.name, when):
            if call.error is not None:
                raise call.error
        return call.value

    def close(self) -> None:
        """End the thread, when the call that it is at returns."""
        self._calls.put(None)


Request = tuple[DeviceCaller, Callable[[], Any]]
"""A device, and what to call of it."""


def call_together(requests: Sequence[Request], when: str) -> list[Any]:
    """Call several devices at the same time, wait for all, and return what they returned.

    Raises
    ------
    DeviceFailedError
        When one fails, its retries too; all others have been waited for.
    """
    begun = [_attempt(request, when) for request in requests]
    values: list[Any] = []
    errors: list[DeviceFailedError] = []
    for request, first in zip(requests, begun, strict=True):
        try:
            values.append(_finish(request, first, when))
        except DeviceFailedError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return values


def _attempt(request: Request, when: str) -> _Call | DeviceFailedError:
    caller, function = request
    try:
        return caller.begin(function, when)
    except DeviceFailedError as error:
        return error


def _finish(request: Request, first: _Call | DeviceFailedError, when: str) -> Any:
    caller, _ = request
    attempt, tries_left = first, caller.limits.retries
    while True:
        try:
            if isinstance(attempt, DeviceFailedError):
                raise attempt
            return caller.finish(attempt, when)
        except DeviceFailedError:
            if not tries_left:
                raise
        tries_left -= 1
        attempt = _attempt(request, when)


class Callers:
    """The callers of a scan's devices; their threads end with the ``with`` block."""

    def __init__(self, control: ScanControl) -> None:
        self.control = control
        self._made: list[DeviceCaller] = []

    def add(self, name: str, limits: CallLimits, *, has_thread: bool) -> DeviceCaller:
        """Return a caller for a device."""
        caller = DeviceCaller(name, limits, self.control, has_thread=has_thread)
        self._made.append(caller)
        return caller

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for caller in self._made:
            caller.close()
