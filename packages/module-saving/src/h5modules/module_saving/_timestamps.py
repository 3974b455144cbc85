"""When each point of a scan was saved."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from pymodaq_data.data import DataRaw

from h5modules.backends import CARRAY, GROUP, Where
from h5modules.data_saving import DataToExportExtendedSaver, PointWriter
from h5modules.saving import BEGUN_NAME, H5SaverLowLevel

TIMESTAMPS = "Timestamps"
"""The name of the group that holds the times of a scan's points."""

_DESCRIPTION = "Seconds between the start of the scan and the saving of each point, with breaks in it."


class ScanClock:
    """Saves the seconds since the start of a scan at each point; NaN where the point was not acquired.

    Where a scan is gone on with, the break counts, if the group of the scan tells when it was begun
    (``begun``, of the clock of the computer) and that is not later than its times say. Else it goes on from
    its latest time.

    Parameters
    ----------
    h5saver
        The file.
    shape
        The shape of the scan.
    clock
        What tells the time, in seconds.
    date
        What tells the seconds since 1970.
    """

    def __init__(
        self,
        h5saver: H5SaverLowLevel,
        shape: tuple[int, ...],
        clock: Callable[[], float] = time.perf_counter,
        date: Callable[[], float] = time.time,
    ) -> None:
        self._h5saver = h5saver
        self._saver = DataToExportExtendedSaver(h5saver, shape, fill_value=math.nan, record=False)
        self._clock = clock
        self._date = date
        self._start = clock()
        self._elapsed = np.zeros(1)
        labels = ["Elapsed time since scan start"]
        self._signals: list[Any] = [
            DataRaw("ElapsedTime", origin=TIMESTAMPS, data=[self._elapsed], labels=labels, units="s")
        ]
        self._writer: PointWriter | None = None

    def create(self, where: Where) -> GROUP:
        """Return the group of the times in a scan's group, made with its array if it was not there."""
        with self._h5saver.all_or_nothing():
            group = self._h5saver.get_set_group(
                where, TIMESTAMPS, TIMESTAMPS, type="time", description=_DESCRIPTION
            )
            is_begun = self._writer is None and bool(group.children_name())
            self._writer = self._saver.point_writer(group, self._signals)
        if is_begun:
            self._start = min(self._start, self._clock() - self._passed(group))
        return group

    def _passed(self, group: GROUP) -> float:
        """Return the time since a scan was begun, which another program may have done."""
        latest, scan = self._latest(group), group.parent_node
        begun = None if scan is None else scan.attrs.get(BEGUN_NAME)
        if not isinstance(begun, float):
            return latest
        return max(latest, self._date() - begun)  # clocks of computers are set back, at times

    def _latest(self, group: GROUP) -> float:
        arrays = [node for node in self._h5saver.walk_nodes(group) if isinstance(node, CARRAY)]
        times = np.concatenate([np.ravel(array.read()) for array in arrays])
        return float(np.max(times[np.isfinite(times)], initial=0.0))

    def add(self, index: tuple[int, ...]) -> None:
        """Save the time of the point at `index`; call `create` before."""
        assert self._writer is not None
        self._elapsed[0] = self._clock() - self._start
        self._writer.write(index, self._signals)
