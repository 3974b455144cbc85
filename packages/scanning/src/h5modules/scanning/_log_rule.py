"""How a log is kept: when a row is saved, and when a new file begins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ._errors import PlanError


@dataclass(frozen=True, slots=True)
class LogRule:
    """How a log is kept.

    Attributes
    ----------
    interval
        Seconds from one reading to the next.
    on_change
        Save of a reading what is not as it was saved last.
    seconds
        How long to log; None for ever.
    largest_file
        Bytes after which the next file is begun.
    longest_file
        Seconds after which the next file is begun.

    Raises
    ------
    PlanError
        When one of them cannot be.
    """

    interval: float = 1.0
    on_change: bool = False
    seconds: float | None = None
    largest_file: float | None = None
    longest_file: float | None = None

    def __post_init__(self) -> None:
        problems = [
            f"{name} is {value!r}; give a number above 0."
            for name in ("seconds", "largest_file", "longest_file")
            if (value := getattr(self, name)) is not None and not value > 0
        ]
        if not (self.interval >= 0 and math.isfinite(self.interval)):
            problems.append(f"interval is {self.interval!r}; give seconds, 0 or more.")
        if problems:
            raise PlanError(*problems)

    def is_full(self, path: Path, age: float) -> bool:
        """Tell whether the next file is due, after one that is so many seconds old."""
        if self.longest_file is not None and age >= self.longest_file:
            return True
        return self.largest_file is not None and path.stat().st_size >= self.largest_file


def numbered(path: Path, number: int) -> Path:
    """Return the path of a file in a series: the first as it was named, then ``name_001.h5`` and so on.

    Examples
    --------
    >>> numbered(Path('night.h5'), 0).name, numbered(Path('night.h5'), 2).name
    ('night.h5', 'night_002.h5')
    """
    return path if number == 0 else path.with_name(f"{path.stem}_{number:03d}{path.suffix}")


def latest_number(path: Path) -> int:
    """Return the number of the last file of a series that is there; 0 when none is."""
    number = 0
    while numbered(path, number + 1).exists():
        number += 1
    return number
