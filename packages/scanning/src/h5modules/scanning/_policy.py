"""What to do when a device fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ._calls import CallLimits
from ._errors import PlanError

_NO_LIMITS = CallLimits()


class OnFailure(StrEnum):
    """What to do with a point that could not be measured."""

    stop = "stop"
    """End the scan."""
    skip = "skip"
    """Leave the point as not acquired, say so in the file's log, and go on."""


@dataclass(frozen=True, slots=True)
class FailurePolicy:
    """What to do when a device fails.

    Attributes
    ----------
    on_failure
        What to do with the point.
    retries
        How often the whole point is measured again before.
    limits
        Time-outs and retries of single devices, by title.

    Raises
    ------
    PlanError
        When one of them cannot be.
    """

    on_failure: OnFailure = OnFailure.stop
    retries: int = 0
    limits: Mapping[str, CallLimits] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.on_failure not in list(OnFailure):
            raise PlanError(f"on_failure is {self.on_failure!r}; give 'stop' or 'skip'.")
        retries: object = self.retries
        if not isinstance(retries, int) or retries < 0:
            raise PlanError(f"retries is {self.retries!r}; give a whole number, 0 or more.")
        object.__setattr__(self, "on_failure", OnFailure(self.on_failure))

    def limits_of(self, title: str) -> CallLimits:
        """Return the limits of the device of that title; none, if none are told."""
        return self.limits.get(title, _NO_LIMITS)


STOP = FailurePolicy()
"""The policy by default: the scan ends when a device fails."""
