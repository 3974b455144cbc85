"""What a scan listens to while it runs, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ._control import ScanControl
from ._policy import FailurePolicy
from ._progress import Progress

Callback = Callable[[Progress], object]
"""What is told how far a scan has come."""


@dataclass(frozen=True, slots=True)
class Steering:
    """What a scan listens to while it runs, and whom it tells.

    Attributes
    ----------
    control
        The buttons.
    policy
        What to do when a device fails.
    callback
        Called before the first point and after each.
    """

    control: ScanControl = field(default_factory=ScanControl)
    policy: FailurePolicy = field(default_factory=FailurePolicy)
    callback: Callback | None = None
