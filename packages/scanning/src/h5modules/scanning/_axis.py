"""Where one actuator goes in a scan."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ._errors import PlanError

KIND = "linear"

_MOST_POINTS = 10_000_000
"""More than that along one axis is a slip of the finger, and would fill the memory before it is found."""


@dataclass(frozen=True, slots=True)
class LinearAxis:
    """Equally spaced positions of one actuator.

    Attributes
    ----------
    actuator
        The title of the actuator.
    start, stop
        The first and the last position, in the actuator's unit; the same to measure repeatedly at one place.
    points
        How many positions.

    Examples
    --------
    >>> LinearAxis('Stage x', 0, 1, 3).positions()
    (0.0, 0.5, 1.0)
    """

    actuator: str
    start: float
    stop: float
    points: int

    def __post_init__(self) -> None:
        # numpy's numbers are welcome; what is no number stays as it is, and `problems` tells.
        object.__setattr__(self, "start", _as_float(self.start))
        object.__setattr__(self, "stop", _as_float(self.stop))
        object.__setattr__(self, "points", _as_int(self.points))

    def positions(self) -> tuple[float, ...]:
        """Return all positions; a single one lies at `start`."""
        return tuple(np.linspace(self.start, self.stop, self.points).tolist())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the axis that ``ACTUATOR=START:STOP:POINTS`` spells.

        Raises
        ------
        PlanError
            When it is spelt otherwise.

        Examples
        --------
        >>> LinearAxis.parse('stage_x=-20:20:41')
        LinearAxis(actuator='stage_x', start=-20.0, stop=20.0, points=41)
        """
        actuator, _, numbers = text.rpartition("=")
        try:
            start, stop, points = numbers.split(":")
            return cls(actuator.strip(), float(start), float(stop), int(points))
        except ValueError:
            message = f"{text!r} is not an axis; write ACTUATOR=START:STOP:POINTS, as in stage_x=-20:20:41."
            raise PlanError(message) from None

    def problems(self) -> list[str]:
        """Return what is wrong with the axis, a sentence each."""
        found = []
        points: object = self.points
        if not self.actuator:
            found.append("an axis names no actuator.")
        if not isinstance(points, int):
            found.append(f"axis {self.actuator!r} has {points!r} points; give a whole number.")
        elif points < 1:
            found.append(f"axis {self.actuator!r} has {points} points; give at least 1.")
        elif points > _MOST_POINTS:
            found.append(f"axis {self.actuator!r} has {points} points; give at most {_MOST_POINTS}.")
        if not all(map(_is_finite, (self.start, self.stop))):
            found.append(
                f"axis {self.actuator!r} goes from {self.start!r} to {self.stop!r}; give finite numbers."
            )
        return found

    def to_toml(self) -> str:
        """Return the axis as a table of TOML."""
        lines = {
            "kind": _toml_text(KIND),
            "actuator": _toml_text(self.actuator),
            "start": repr(self.start),
            "stop": repr(self.stop),
            "points": str(self.points),
        }
        return "".join(f"{key} = {value}\n" for key, value in lines.items())

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Return the axis that a table of TOML spells.

        Raises
        ------
        PlanError
            When a key is missing or unknown, or a value is of the wrong type.
        """
        keys = {"kind": str, "actuator": str, "start": float | int, "stop": float | int, "points": int}
        found = [f"an axis has an unknown key {key!r}." for key in table if key not in keys]
        found += [f"an axis lacks the key {key!r}." for key in keys if key not in table]
        found += [
            f"{key!r} of an axis is {table[key]!r}, of the wrong type."
            for key, kind in keys.items()
            if key in table and (not isinstance(table[key], kind) or isinstance(table[key], bool))
        ]
        if not found and table["kind"] != KIND:
            found.append(f"an axis is of kind {table['kind']!r}; this version knows {KIND!r}.")
        if found:
            raise PlanError(*found)
        return cls(table["actuator"], table["start"], table["stop"], table["points"])


def _as_float(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return value


def _as_int(value: Any) -> Any:
    try:
        return operator.index(value)
    except TypeError:
        return value


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _toml_text(text: str) -> str:
    # A JSON text is a TOML text, but for the one control character that JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
