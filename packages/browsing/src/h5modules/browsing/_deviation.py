"""What is not as the layout has it, and how bad that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How bad a deviation is."""

    ERROR = "error"
    """Loaders stumble over it, or read something else than was meant."""
    WARNING = "warning"
    """It can be read, and something that the layout has is missing."""
    NOTE = "note"
    """It is not of the layout; nothing that the layout has is harmed."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that is not as the layout has it.

    Attributes
    ----------
    path
        The node.
    severity
        How bad it is.
    message
        What is wrong.
    """

    path: str
    severity: Severity
    message: str
