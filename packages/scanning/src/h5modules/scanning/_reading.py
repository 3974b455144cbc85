"""From what a device returns to PyMoDAQ's data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from pymodaq_data.data import Axis, DataRaw

from h5modules.data_saving import can_hold, require_maskless, without_mask

from ._devices import Actuator, Detector, SignalAxis, SupportsAxes, SupportsLabels, calling, failure, units_of
from ._errors import DeviceError, DeviceFailedError
from ._exact import Array, exact_axis, require_known_unit

_FLOAT = np.dtype(np.float64)

_SHOWN = 60
"""How many characters of a wrong value an error message shows."""


class DetectorReading:
    """Turns what one detector returns into data with its name, unit and axes.

    Parameters
    ----------
    detector
        What is read; it is asked now for its unit, its axes and its labels. Axes may move: they are asked for
        at each point.

    Raises
    ------
    DeviceError
        When its unit is unknown, or an axis is not a row of numbers.
    """

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.name = f"detector {detector.title!r}"
        with calling(self.name, "when it was asked for its unit and labels"):
            self.units = units_of(detector)
            self._labels = (
                [str(label) for label in detector.labels] if isinstance(detector, SupportsLabels) else []
            )
        require_known_unit(self.name, self.units)
        self._told: Sequence[SignalAxis] = ()
        self._axes: list[Axis] = []
        self._latest: DataRaw | None = None
        # Asking a Protocol costs as much as saving a value: it is asked once.
        self._teller = detector if isinstance(detector, SupportsAxes) else None
        self._look_at_axes("when it was asked for its axes")
        self._checked: tuple[int, tuple[int, ...]] | None = None

    def _look_at_axes(self, when: object) -> None:
        if self._teller is None:
            return
        try:
            told = self._teller.axes
        except Exception as error:
            raise failure(self.name, when, error) from error
        if told is self._told:  # most detectors have the same axes all their life
            return
        with calling(self.name, when):
            described = [(str(axis.label), str(axis.units), np.asarray(axis.values)) for axis in told]
        self._axes = [self._axis(*each, index) for index, each in enumerate(described)]
        self._told, self._checked, self._latest = told, None, None

    def _axis(self, label: str, units: str, values: Array, index: int) -> Axis:
        name = f"axis {label!r} of {self.name}"
        if (
            values.ndim != 1
            or not values.size
            or values.dtype.kind not in "iuf"
            or not np.isfinite(values).all()
        ):
            raise DeviceError(f"the values of {name} are not a row of finite numbers.")
        require_known_unit(name, units)
        return exact_axis(label, units, values, index)

    def arrays(self, values: ArrayLike | Sequence[ArrayLike], when: object) -> list[Array]:
        """Return the channels of what the detector returned.

        Parameters
        ----------
        values
            What it returned.
        when
            Which point it is, for error messages.

        Raises
        ------
        DeviceFailedError
            When it is something else than numbers, or not what axes and labels say.
        """
        self._look_at_axes(when)
        if type(values) is np.ndarray and self._checked == (1, values.shape) and values.dtype.kind in "biufc":
            return [values]  # as at most points
        try:
            arrays = _channels(values)
        except Exception as error:
            raise failure(self.name, when, error) from error
        if not arrays or not all(array.size and array.dtype.kind in "biufc" for array in arrays):
            what = f"it returned {_short(values)}, which is not made of numbers"
            raise DeviceFailedError(f"{self.name} failed {when}: {what}.")
        self._require_described(arrays, when)
        return arrays

    def data(self, arrays: list[Array], errors: list[Array] | None = None) -> DataRaw:
        """Return channels that `arrays` returned, or means of such, as data; with error bars if any.

        Without error bars it is the same object each time: making one takes longer than saving it.
        """
        if self._latest is None or errors is not None:
            self._latest = self._made(arrays, errors)
        else:
            self._latest.data[:] = arrays  # not assigned anew: they were checked, and PyMoDAQ checks slowly
        return self._latest

    def _made(self, arrays: list[Array], errors: list[Array] | None) -> DataRaw:
        # The axes are copied: data own theirs, and whoever gets the data may change them.
        axes = [axis.copy() for axis in self._axes]
        title, labels = self.detector.title, self._labels[:]
        return DataRaw(
            title, origin=title, units=self.units, data=arrays, labels=labels, axes=axes, errors=errors
        )

    def _require_described(self, arrays: list[Array], when: object) -> None:
        """Make sure that arrays fit axes and labels, which PyMoDAQ's data would bend without a word."""
        shapes = {array.shape for array in arrays}
        shape = arrays[0].shape
        if len(shapes) == 1 and self._checked == (len(arrays), shape):
            return
        lengths = tuple(axis.size for axis in self._axes)
        problem = ""
        if len(shapes) > 1:
            problem = (
                f"its channels have the shapes {', '.join(map(str, sorted(shapes)))}; they need one shape"
            )
        elif lengths and lengths != shape:
            problem = f"it returned arrays of shape {shape}, its axes have the lengths {lengths}"
        elif self._labels and len(self._labels) != len(arrays):
            problem = f"it returned {len(arrays)} channel(s), and has the labels {self._labels}"
        if problem:
            raise DeviceFailedError(f"{self.name} failed {when}: {problem}.")
        self._checked, self._latest = (len(arrays), shape), None


class ActuatorReading:
    """One actuator: where it was sent, and where it is, as data.

    Parameters
    ----------
    actuator
        What is moved; it is asked now for its unit, and not again.

    Raises
    ------
    DeviceError
        When its unit is unknown.
    """

    def __init__(self, actuator: Actuator) -> None:
        self.actuator = actuator
        self.name = f"actuator {actuator.title!r}"
        self.target: float | None = None
        """Where the last move that did not fail has led."""
        with calling(self.name, "when it was asked for its unit"):
            self.units = units_of(actuator)
        require_known_unit(self.name, self.units)
        title, values = actuator.title, [np.array([0.0])]
        self._data = DataRaw(title, origin=title, units=self.units, data=values, labels=["position"])
        self._value = self._data.data[0]

    def position(self) -> float:
        """Ask the actuator where it is."""
        return float(self.actuator.position)

    def data(self, position: float) -> DataRaw:
        """Return a position as data; the same object each time."""
        self._value[0] = position
        return self._data


def _channels(values: ArrayLike | Sequence[ArrayLike]) -> list[Array]:
    # A list of numbers is a spectrum, as a newcomer returns it; a tuple or a list of arrays holds channels.
    is_numbers = isinstance(values, list) and all(np.ndim(value) == 0 for value in values)
    channels = list(values) if isinstance(values, tuple | list) and not is_numbers else [values]
    return [_plain(channel) for channel in channels]


def _plain(channel: object) -> Array:
    if isinstance(channel, np.ma.MaskedArray):
        require_maskless(channel, "what it returned")
        channel = without_mask(channel)
    array = np.atleast_1d(np.asarray(channel))
    if isinstance(channel, int | list | tuple) and array.dtype == np.int_ and can_hold(_FLOAT, array):
        # Numbers of Python have no dtype: a detector that returns 0 at one point may return 0.5 at the next.
        return array.astype(_FLOAT)
    return array


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
