"""The signals of a scan, read no further than what is shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from h5modules.backends import CARRAY, EARRAY, GROUP, VLARRAY, H5Backend, Node, Where
from h5modules.saving import NAV_AXES, RECORD_NAME, DataType, number_of, walk_first_names

from ._errors import NothingToShowError

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_MEASURED = (DataType.data.name, DataType.data_enlargeable.name)

LOGS = ("datalogger", "optimizer")
"""The types of the groups of logs and of adaptive scans: their arrays grow row by row."""

TIMES = "Timestamps/Data0D/CH00/Data00"
"""Where PyMoDAQ keeps the time of each point of a scan: NaN where it was not acquired."""


@dataclass(frozen=True, slots=True)
class ScanAxis:
    """One axis, of a scan or of a signal.

    Attributes
    ----------
    label, units
        What it is.
    values
        The coordinates, as floats.
    whole
        The same where they are whole numbers in the file: floats do not tell times in nanoseconds apart.
    """

    label: str
    units: str
    values: Array
    whole: Array | None = None

    @property
    def exact(self) -> Array:
        """The coordinates as they are in the file."""
        return self.values if self.whole is None else self.whole

    def first(self, count: int) -> ScanAxis:
        """Return the axis of the first places."""
        whole = None if self.whole is None else self.whole[:count]
        return ScanAxis(self.label, self.units, self.values[:count], whole)


def begins_at_top(rows: ScanAxis | None) -> bool:
    """Tell whether the first row of an image is drawn at its top: as in pictures, where rows have no axis."""
    return rows is None


@dataclass(frozen=True, slots=True)
class ScanSignal:
    """One channel of a scan: the array, its axes, and which points were acquired.

    Attributes
    ----------
    array
        The values: scan dimensions first, then the signal's.
    errors
        Their error bars; None where there are none.
    title, label, units, origin
        What it is, and which module it came from. A single channel without a name has no label.
    nav_axes
        The axes of each scan dimension: one, or several where points are listed (a spread scan), or none.
    signal_axes
        The axis of each signal dimension; None where there is none.
    acquired
        Whether each point of the scan was acquired.
    """

    array: CARRAY
    errors: CARRAY | None
    title: str
    label: str
    units: str
    origin: str
    nav_axes: tuple[tuple[ScanAxis, ...], ...]
    signal_axes: tuple[ScanAxis | None, ...]
    acquired: Array

    @property
    def signal_dimensions(self) -> int:
        """How many dimensions one point has."""
        return len(self.signal_axes)

    @property
    def scan_shape(self) -> tuple[int, ...]:
        """The shape of the scan."""
        return tuple(map(int, self.acquired.shape))

    @property
    def is_spread(self) -> bool:
        """Whether the points of the scan are listed, with several coordinates each."""
        return any(len(axes) > 1 for axes in self.nav_axes)

    @property
    def is_more_than_a_value(self) -> bool:
        """Whether there is more to draw than a single value, and anything at all."""
        return bool(self.scan_shape or self.signal_axes) and 0 not in self.array.shape

    def map(self) -> Array:
        """Return the values of a signal of one value a point, as floats; NaN where not acquired."""
        return self._map_of(self.array)

    def error_map(self) -> Array | None:
        """Return the error bars of a signal of one value a point; None where there are none."""
        return None if self.errors is None else self._map_of(self.errors)

    def _map_of(self, array: CARRAY) -> Array:
        values = as_floats(array.read()).reshape(self.scan_shape)
        return np.where(self.acquired, values, np.nan)

    def frame(self, index: tuple[int, ...]) -> Array:
        """Return what was read at one point, as floats."""
        return as_floats(self.array[index])

    def frames(self, most: int) -> tuple[Array, Array]:
        """Return some points, spread evenly over the scan; all when there are few.

        Parameters
        ----------
        most
            How many values to read at most.

        Returns
        -------
        The indexes, of shape ``(n, scan dimensions)``, and the values as floats, of shape
        ``(n, *signal shape)``. Points that were not acquired are left out.
        """
        places = np.argwhere(self.acquired)
        shape = self.array.shape[self.acquired.ndim :]
        step = -(-len(places) // max(1, most // max(1, math.prod(shape))))
        if step < 2:  # one reading is much faster than one for each point
            values = as_floats(self.array.read()) if len(places) else np.zeros(self.array.shape)
            return places, values[self.acquired]
        places = places[::step]
        return places, np.array([self.frame(tuple(place.tolist())) for place in places])


def as_floats(values: Any) -> Array:
    """Return numbers as floats: complex ones by their magnitude."""
    array = np.asarray(values)
    return np.abs(array) if array.dtype.kind == "c" else array.astype(float)


def is_log(group: GROUP) -> bool:
    """Tell whether a group holds a log, or an adaptive scan."""
    kind = group.attrs.get("type")  # that of the raw group tells what the file is for
    return kind in LOGS and number_of(group.name, kind.capitalize()) is not None


def iter_signals(file: H5Backend, scan: Where) -> Iterator[ScanSignal]:
    """Yield the channels of all detectors of a scan; of a log, also those of its actuators, after them."""
    group = file.get_node(scan)
    if not isinstance(group, GROUP):
        raise NothingToShowError(f"{group.path!r} is not a scan.")
    kinds = ("detector", "actuator") if group.attrs.get("type") == LOGS[0] else ("detector",)
    found = [(each.attrs.get("type"), each) for each in group.children().values() if isinstance(each, GROUP)]
    for module in [module for wanted in kinds for kind, module in found if kind == wanted]:
        for node in file.walk_nodes(module):
            nav_indexes = node.attrs.get("nav_indexes") if _is_data(node) else None
            if isinstance(node, CARRAY) and nav_indexes:
                yield _signal(group, node, len(nav_indexes))


def read_signal(node: CARRAY) -> ScanSignal:
    """Return any array as a signal, with its axes where it has some."""
    told = node.attrs.get("nav_indexes") if _is_data(node) else ()
    count = min(len(told), node.ndim) if isinstance(told, tuple) else 0
    return _signal(node.parent_node, node, count)


def iter_signals_below(node: Node, most: int | None = None) -> Iterator[ScanSignal]:
    """Yield an array as a signal; of a group, the measured data below it, or else all arrays of numbers.

    Parameters
    ----------
    node
        The array or the group.
    most
        How many nodes to look at; None is all.
    """
    found = islice(walk_first_names(node), most)
    arrays = [each for each in found if is_drawable(each)]
    measured = [array for array in arrays if _is_data(array)]
    for array in measured or arrays:
        if isinstance(array, CARRAY):
            yield read_signal(array)


def is_drawable(node: Node) -> bool:
    """Tell whether a node is an array of numbers."""
    return isinstance(node, CARRAY) and not isinstance(node, VLARRAY) and node.dtype.kind in "biufc"


def _is_data(node: Node) -> bool:
    return isinstance(node, CARRAY) and node.attrs.get("data_type") in _MEASURED


def _signal(scan: GROUP | None, node: CARRAY, nav_count: int) -> ScanSignal:
    attrs, shape = node.attrs, node.shape
    if shape[nav_count:] == (1,):  # arrays that grow keep a dimension of one for single values
        shape = shape[:nav_count]
    channel = node.parent_node
    nav = _axes(nearest_node(node, NAV_AXES))
    signal = _axes(channel)
    return ScanSignal(
        array=node,
        errors=_errors(channel, node),
        title=node.title or node.name,
        label=_label(channel, node),
        units=str(attrs.get("units", "")),
        origin=str(attrs.get("origin", "")),
        # Data that were saved whole, and not point by point, have all their axes beside them.
        nav_axes=tuple(
            _fitting(nav, index, shape[index], grows=isinstance(node, EARRAY))
            or _fitting(signal, index, shape[index])
            for index in range(nav_count)
        ),
        signal_axes=tuple(
            next(iter(_fitting(signal, index, shape[index])), None) for index in range(nav_count, len(shape))
        ),
        acquired=_acquired(node, scan, shape[:nav_count]),
    )


def _label(channel: GROUP | None, node: CARRAY) -> str:
    """Return the name of a channel; none where a single one bears but the number that PyMoDAQ gave it."""
    label = str(node.attrs.get("label", ""))
    is_lone = channel is not None and f"{DataType.data.value}01" not in channel
    return "" if is_lone and label == "CH00" else label


def nearest_node(node: Node, name: str) -> Node | None:
    """Return the node of that name, or path, in the first group, from a node upwards, that has one."""
    group = node if isinstance(node, GROUP) else node.parent_node
    while group is not None:
        if (found := group.find(name)) is not None:
            return found
        group = group.parent_node
    return None


class _PlacedAxis(NamedTuple):
    """An axis, the dimension it belongs to, and whether it grows with the rows of a log."""

    dimension: int
    axis: ScanAxis
    grows: bool


def _axes(group: Node | None) -> list[_PlacedAxis]:
    """Return the axes in a group, each with the dimension it belongs to."""
    found = []
    for node in group.children().values() if isinstance(group, GROUP) else ():
        if isinstance(node, CARRAY) and node.attrs.get("data_type") == DataType.axis.name:
            attrs = node.attrs
            label, units = str(attrs.get("label", "")), str(attrs.get("units", ""))
            held = np.asarray(node.read()).reshape(-1)
            whole = held if held.dtype.kind in "iu" else None
            axis = ScanAxis(label, units, as_floats(held), whole)
            found.append(_PlacedAxis(int(attrs.get("index", 0)), axis, isinstance(node, EARRAY)))
    return found


def _fitting(
    axes: list[_PlacedAxis], index: int, length: int, *, grows: bool = False
) -> tuple[ScanAxis, ...]:
    """Return the axes of a dimension.

    While a log is written, its axes may have room for more rows than an array, or for fewer.
    """
    found = []
    for number, axis, axis_grows in axes:
        if number != index:
            continue
        if len(axis.values) == length:
            found.append(axis)
        elif grows and axis_grows and len(axis.values) > length:
            found.append(axis.first(length))
        elif grows and axis_grows:
            missing = np.full(length - len(axis.values), np.nan)
            found.append(ScanAxis(axis.label, axis.units, np.concatenate([axis.values, missing])))
    return tuple(found)


def _errors(channel: GROUP | None, node: CARRAY) -> CARRAY | None:
    if channel is None:
        return None
    found = channel.find(companion_name(node, DataType.error)) if _is_data(node) else None
    if not isinstance(found, CARRAY):
        return None
    grow = isinstance(node, EARRAY) and isinstance(found, EARRAY)  # each has its own room for more rows
    return found if found.shape == node.shape or (grow and found.shape[1:] == node.shape[1:]) else None


def background_of(signal: ScanSignal) -> CARRAY | None:
    """Return the background of a channel, of its own shape or that of a point; None for none."""
    group, name = signal.array.parent_node, companion_name(signal.array, DataType.bkg)
    found = group.find(name) if group is not None and name else None
    shape = signal.array.shape
    if isinstance(found, CARRAY) and found.shape in (shape, shape[len(signal.scan_shape) :]):
        return found
    return None


def companion_name(node: Node, kind: DataType) -> str:
    """Return how the error bars, or the background, of a channel are called; nothing where a node is none."""
    for channel in (DataType.data, DataType.data_enlargeable):
        if (number := number_of(node.name, channel.value)) is not None:
            return f"{kind.value}{number:02d}"
    return ""


def acquired_points(node: CARRAY) -> Array | None:
    """Return which points of a scan or a log, the first dimensions of an array, were acquired.

    None where no record tells, and for what is not measured data.
    """
    if not _is_data(node):
        return None
    record = nearest_node(node, RECORD_NAME)
    if not isinstance(record, CARRAY) or record.dtype.kind != "u" or record.ndim > node.ndim:
        return None
    held = np.asarray(record.read()) > 0
    shape = node.shape[: held.ndim]
    if held.shape == shape:
        return held
    if held.ndim != 1 or not isinstance(node, EARRAY):
        return None
    rows = np.zeros(shape, bool)  # the arrays of a log may have room for more rows
    rows[: len(held)] = held[: len(rows)]
    return rows


def _acquired(node: CARRAY, scan: GROUP | None, shape: tuple[int, ...]) -> Array:
    """Return which points were acquired: by our record, else by PyMoDAQ's times, else all."""
    known = acquired_points(node)
    if known is not None and known.shape == shape:
        return known
    times = None if scan is None else nearest_node(scan, TIMES)
    if isinstance(times, CARRAY) and times.shape == shape:
        return np.asarray(np.isfinite(times.read()))
    return np.ones(shape, bool)
