"""From what a detector returns to PyMoDAQ's data."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymodaq_data.data import Axis, DataRaw

from ._devices import Actuator, Detector, SupportsAxes, units_of
from ._errors import DeviceError


class DetectorReading:
    """Reads one detector, as data with its name, unit and axes.

    Parameters
    ----------
    detector
        What is read.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._units = units_of(detector)
        self._labels: list[str] = []
        self._axes: list[Axis] = []
        if isinstance(detector, SupportsAxes):
            self._labels = list(detector.labels)
            self._axes = [
                Axis(axis.label, axis.units, np.asarray(axis.values), index=index)
                for index, axis in enumerate(detector.axes)
            ]

    def read(self) -> DataRaw:
        """Return the next point.

        Raises
        ------
        DeviceError
            When the detector returns something else than numbers.
        """
        title = self._detector.title
        values = self._detector.read()
        channels = list(values) if isinstance(values, tuple | list) else [values]
        arrays: list[np.ndarray[Any, Any]] = [np.atleast_1d(np.asarray(channel)) for channel in channels]
        if not arrays or any(array.dtype.kind not in "biufc" for array in arrays):
            raise DeviceError(f"detector {title!r} returned {type(values).__name__}, which is not made of numbers.")
        # The axes are copied: data own theirs, and whoever gets the data may change them.
        return DataRaw(
            title,
            origin=title,
            units=self._units,
            data=arrays,
            labels=self._labels[:],
            axes=[axis.copy() for axis in self._axes],
        )


def actuator_reading(actuator: Actuator) -> DataRaw:
    """Return where an actuator is, as data."""
    title = actuator.title
    position = np.array([float(actuator.position)])
    return DataRaw(title, origin=title, units=units_of(actuator), data=[position], labels=["position"])
