"""Devices that are still at work when nobody waits for them any more."""

from __future__ import annotations

import threading
from types import MethodType
from typing import Protocol

from ._errors import DeviceTimeoutError
from ._functions import FunctionDetector


class RunningCall(Protocol):
    """A call of a device."""

    @property
    def is_over(self) -> bool:
        """Whether it has returned."""


class LostDevices:
    """The devices whose last call has not returned: they are not called again before.

    A call outlives the scan that gave it up, so this is kept for the process, and not for a scan.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[tuple[object, RunningCall]] = []

    def add(self, device: object, call: RunningCall) -> None:
        """Count a device as lost until the call returns."""
        with self._lock:
            self._calls = [each for each in self._calls if not each[1].is_over]
            if not call.is_over:
                self._calls.append((_asked(device), call))

    def require_back(self, device: object, name: str) -> None:
        """Refuse a device that is lost.

        Raises
        ------
        DeviceTimeoutError
            When it is.
        """
        with self._lock:
            held = [each for each, call in self._calls if not call.is_over]
        if any(_is_same(each, _asked(device)) for each in held):
            raise DeviceTimeoutError(
                f"{name} is lost: a call that an earlier scan or log gave up has not returned yet. "
                "Wait for it, or begin a new process; it is not called again before."
            )


LOST = LostDevices()
"""The lost devices of this process."""


def _asked(device: object) -> object:
    # Each scan makes a new detector of the same function.
    return device.function if isinstance(device, FunctionDetector) else device


def _is_same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, MethodType) and one == other)
