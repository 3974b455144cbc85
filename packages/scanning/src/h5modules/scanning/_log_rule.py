"""How a log is kept: how often a device is read, what of it is saved, and when a new file begins."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ._axis import is_finite, plain_float
from ._errors import PlanError


@dataclass(frozen=True, slots=True)
class Sampling:
    """How one device is logged.

    Attributes
    ----------
    interval
        Seconds from one reading to the next; 0 reads as fast as it can.
    on_change
        Save a reading only when it differs from the one that was saved last.
    tolerance
        By how much a value may differ before that counts, in the unit of the device.

    Raises
    ------
    PlanError
        When one of them cannot be.

    Examples
    --------
    >>> Sampling.parse('camera,every=60')
    ('camera', Sampling(interval=60.0, on_change=False, tolerance=0.0))
    >>> Sampling.parse('thermostat,change=0.1')
    ('thermostat', Sampling(interval=1.0, on_change=True, tolerance=0.1))
    """

    interval: float = 1.0
    on_change: bool = False
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        problems = []
        for name in ("interval", "tolerance"):
            value = plain_float(getattr(self, name))
            object.__setattr__(self, name, value)
            if not is_finite(value) or value < 0:
                problems.append(f"{name} is {value!r}; give a number, 0 or more.")
        if problems:
            raise PlanError(*problems)

    @classmethod
    def parse(cls, text: str, default: Sampling | None = None) -> tuple[str, Sampling]:
        """Return the device and the rule that ``NAME,every=SECONDS,change=TOLERANCE`` spells.

        Parameters
        ----------
        text
            The text; what follows the name may be left out, and so may ``=TOLERANCE``.
        default
            How it is logged where the text does not tell.

        Raises
        ------
        PlanError
            When it is spelt otherwise.
        """
        default = default or cls()
        name, *further = (part.strip() for part in text.split(","))
        said = dict(part.partition("=")[::2] for part in further)
        try:
            every = float(said.pop("every", default.interval))
            on_change = "change" in said or default.on_change
            tolerance = float(said.pop("change", "") or default.tolerance)
            if said or not name:
                raise ValueError
        except ValueError:
            hint = "write NAME, NAME,every=60 or NAME,change=0.1"
            raise PlanError(f"{text!r} does not tell how a device is logged; {hint}.") from None
        return name, cls(every, on_change, tolerance)


@dataclass(frozen=True, slots=True)
class LogRule:
    """How a log is kept.

    Attributes
    ----------
    interval, on_change
        How devices are logged: see `Sampling`.
    seconds
        How long to log; None for ever.
    largest_file
        Bytes of rows after which the next file is begun. A file takes more than that, by its description
        and by room for further rows: up to 1 MiB for each array.
    longest_file
        Seconds after which the next file is begun.
    devices
        How single devices are logged, by title, where they differ.

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
    devices: Mapping[str, Sampling] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = [
            f"{name} is {value!r}; give a number above 0."
            for name in ("seconds", "largest_file", "longest_file")
            if (value := getattr(self, name)) is not None and not value > 0
        ]
        try:
            Sampling(self.interval)
        except PlanError as error:
            problems += error.problems
        if problems:
            raise PlanError(*problems)

    @property
    def has_series(self) -> bool:
        """Whether there may be more than one file."""
        return self.largest_file is not None or self.longest_file is not None

    def sampling(self, title: str) -> Sampling:
        """Return how a device is logged."""
        return self.devices.get(title) or Sampling(self.interval, self.on_change)

    def is_full(self, size: float, age: float) -> bool:
        """Tell whether the next file is due, after one of so many bytes that is so many seconds old."""
        if self.longest_file is not None and age >= self.longest_file:
            return True
        return self.largest_file is not None and size >= self.largest_file


def numbered(path: Path, number: int) -> Path:
    """Return the path of a file in a series: the first as it was named, then ``name_001.h5`` and so on.

    Examples
    --------
    >>> numbered(Path('night.h5'), 0).name, numbered(Path('night.h5'), 2).name
    ('night.h5', 'night_002.h5')
    """
    return path if number == 0 else path.with_name(f"{path.stem}_{number:03d}{path.suffix}")


def latest_number(path: Path) -> int:
    """Return the number of the last file of a series that is there, gaps or not; 0 when none is."""
    pattern = f"{glob.escape(path.stem)}_*{glob.escape(path.suffix)}"
    endings = (file.stem.removeprefix(f"{path.stem}_") for file in path.parent.glob(pattern))
    numbers = [int(ending) for ending in endings if ending.isdecimal()]
    return max((number for number in numbers if numbered(path, number).exists()), default=0)
