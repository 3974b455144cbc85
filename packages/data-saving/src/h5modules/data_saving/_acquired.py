"""Which points of a scan were acquired, as the scan itself tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, EARRAY, GROUP
from h5modules.saving import record_of

from ._enclosing import enclosing_groups
from ._parts import Part

Done = np.ndarray[Any, np.dtype[np.bool_]]

TIMESTAMPS = ("Timestamps", "Data0D", "CH00", "Data00")
"""Where in a scan PyMoDAQ keeps when each point was acquired; NaN where it was not."""


@dataclass(frozen=True, slots=True)
class AcquiredPoints:
    """Tells which points of a scan, or rows of a log, were acquired.

    Attributes
    ----------
    node
        The array that tells: the record of points done, or the times at which they were.
    shape
        The shape of the scan.
    """

    node: CARRAY
    shape: tuple[int, ...]

    def read(self, part: Part | None = None) -> Done:
        """Return whether the points of a part of the scan were acquired, as an array of bool."""
        held = np.asarray(self.node.read() if part is None else self.node[part])
        done: Done = np.asarray(~np.isnan(held) if held.dtype.kind == "f" else held > 0)
        return done

    def order(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return a number for each point that grows in the order of acquisition; NaN where it was not."""
        held = np.asarray(self.node.read(), np.float64)
        return held if self.node.dtype.kind == "f" else np.where(held > 0, held, np.nan)

    def count(self) -> int:
        """Return how many points were acquired: for a log, the number of its rows that are whole."""
        return int(np.count_nonzero(self.read()))

    @property
    def grows(self) -> bool:
        """Whether it tells of the rows of a log."""
        return isinstance(self.node, EARRAY)

    def covers(self, shape: tuple[int, ...], nav_indexes: tuple[int, ...]) -> bool:
        """Tell whether it speaks of the first dimensions of an array, which are navigation dimensions."""
        count = len(self.shape)
        leading = tuple(range(count))[: len(nav_indexes)]
        return bool(leading) and nav_indexes[:count] == leading and shape[:count] == self.shape


def acquired_points(group: GROUP | None) -> AcquiredPoints | None:
    """Return what tells which points were acquired of the scan that a group belongs to; None without any."""
    for enclosing in enclosing_groups(group):
        node = record_of(enclosing) or enclosing.find("/".join(TIMESTAMPS))
        if isinstance(node, CARRAY):
            return AcquiredPoints(node, node.shape)
    return None
