"""Calls of devices: together with others, with a time-out, again when they fail."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from ._control import ScanControl
from ._devices import failure
from ._errors import DeviceFailedError, DeviceTimeoutError, PlanError
from ._lost import LOST
from ._workers import SHARED_SECONDS, Call, SharedWorker, Worker

_QUICK_SECONDS = 50e-6
"""A call that takes no longer is quick: about what two changes of the thread take."""

_QUICK_CALLS = 20
"""After so many quick calls in a row, a device shares a thread with others."""

_LEAST_SHARED = 20 * SHARED_SECONDS
"""A time-out that is shorter, in seconds, is kept in the device's own thread."""


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
    """Calls a device in another thread: others can be called meanwhile, and a time-out be kept.

    The thread is its own, as long as its calls take longer than to change threads. Those of a device that
    returns at once are made in the thread of who asks. If a time-out is to be kept, they are made in one that
    such devices share; a call that does not begin there, since another device holds the thread, is made in
    the device's own. The first call that takes longer ends all that.

    Parameters
    ----------
    name, limits
        As of `DeviceCaller`.
    control
        The scan's: a wait ends when it is aborted.
    shared
        The thread for devices that return at once.
    """

    def __init__(self, name: str, limits: CallLimits, control: ScanControl, shared: SharedWorker) -> None:
        super().__init__(name, limits)
        self._control = control
        self._own = Worker(name)
        self._shared = shared
        self._may_share = limits.timeout is None or limits.timeout >= _LEAST_SHARED
        self._quick_calls = 0
        self._lost: Call | None = None

    def begin(self, function: Callable[[], Any], when: object) -> Call:
        """Begin a call in a thread."""
        if self._lost is not None:
            self._require_back(self._lost, when)
        self._lost = call = Call(function)  # lost until somebody has waited for it
        if not self._is_quick:
            self._own.put(call)
        elif self.limits.timeout is not None:
            self._shared.put(call)
        return call

    @property
    def _is_quick(self) -> bool:
        return self._may_share and self._quick_calls >= _QUICK_CALLS

    def _require_back(self, lost: Call, when: object) -> None:
        if not lost.cancel() and not lost.wait(self.limits.timeout, self._control):
            raise DeviceTimeoutError(
                f"{self.name} failed {when}: it is lost, an earlier call has not returned yet; "
                "it is not called again before."
            )
        self._lost = None

    def finish(self, call: Call, when: object) -> Any:
        """Wait for a call."""
        if not self._is_over(call):
            self._quick_calls = 0
            raise DeviceTimeoutError(
                f"{self.name} failed {when}: it did not return within {self.limits.timeout:g} s."
            )
        self._lost = None
        if call.error is None:
            self._quick_calls = self._quick_calls + 1 if call.seconds < _QUICK_SECONDS else 0
            return call.value
        self._quick_calls = 0
        if isinstance(call.error, Exception):
            raise failure(self.name, when, call.error) from call.error
        raise call.error  # Ctrl-C, or an exit

    def _is_over(self, call: Call) -> bool:
        """Wait until a call is over, within the time-out; return whether it is."""
        if self._is_quick:
            if self.limits.timeout is None:
                call.run()
                return True
            if not self._shared.wait(self._control) and not call.is_begun:  # another device holds the thread
                self._own.put(call)
        return call.wait(self.limits.timeout, self._control)

    def close(self, device: object) -> None:
        """End the thread, when the call that it is at returns; until then the device is lost."""
        self._own.close()
        if self._lost is not None and not self._lost.cancel():
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
        self._shared = SharedWorker()
        self._made: list[tuple[object, DeviceCaller]] = []

    def add(self, name: str, device: object, limits: CallLimits, *, has_thread: bool) -> DeviceCaller:
        """Return a caller for a device, with a thread where that is asked for or a time-out needs it."""
        caller: DeviceCaller = DirectCaller(name, limits)
        if has_thread or limits.timeout is not None:
            caller = ThreadedCaller(name, limits, self.control, self._shared)
        self._made.append((device, caller))
        return caller

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for device, caller in self._made:
            caller.close(device)
        self._shared.close()
