"""When each point of a scan was saved."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from pymodaq_data.data import DataDistribution, DataRaw

from h5modules.backends import GROUP, Where
from h5modules.data_saving import DataToExportExtendedSaver, PointWriter
from h5modules.saving import H5SaverLowLevel

TIMESTAMPS = "Timestamps"

_DESCRIPTION = "Seconds between the start of the scan and the saving of each point, by a monotonic clock."


class ScanClock:
    """Saves the seconds since the start of a scan at each point; NaN where the point was not acquired.

    Parameters
    ----------
    h5saver
        The file.
    shape
        The shape of the scan.
    clock
        What tells the time, in seconds.
    """

    def __init__(
        self, h5saver: H5SaverLowLevel, shape: tuple[int, ...], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._h5saver = h5saver
        self._saver = DataToExportExtendedSaver(h5saver, shape, fill_value=math.nan, record=False)
        self._clock = clock
        self._start = clock()
        self._elapsed = np.zeros(1)
        self._signals: list[Any] = [
            DataRaw("ElapsedTime", data=[self._elapsed], labels=["Elapsed time since scan start"], units="s")
        ]
        self._writer: PointWriter | None = None

    def create(self, where: Where) -> GROUP:
        """Make the group and its array in a scan's group."""
        group = self._h5saver.get_set_group(where, TIMESTAMPS, TIMESTAMPS, type="time", description=_DESCRIPTION)
        self._writer = self._saver.point_writer(group, self._signals, DataDistribution.uniform)
        return group

    def add(self, index: tuple[int, ...]) -> None:
        """Save the time of the point at `index`."""
        assert self._writer is not None
        self._elapsed[0] = self._clock() - self._start
        self._writer.write(index, self._signals)
