"""Axes of a signal that are not the same at each point, such as those of a spectrometer that moves."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymodaq_data.data import Axis

from h5modules.backends import CARRAY, GROUP, Where, Writer
from h5modules.saving import H5SaverLowLevel

from ._acquired import acquired_points
from ._axes import axis_identity, axis_values, has_same_values, point_axis_name
from ._rooms import Room
from .nexus import show_groups

Array = np.ndarray[Any, Any]


class MovingAxis:
    """Keeps the values of one axis of a signal at each point, from the first point that differs on.

    ``Axis00`` holds the values of the first point. The array ``PointAxis00`` is made when a point comes whose
    values are others; what the points acquired before had is filled in.

    Parameters
    ----------
    h5saver
        The file.
    where
        The group of the signal.
    number
        The number in the axis' name.
    first
        The axis as it is in the file.
    room
        Where the points of the signal go.
    """

    def __init__(self, h5saver: H5SaverLowLevel, where: Where, number: int, first: Axis, room: Room) -> None:
        self._h5saver = h5saver
        self._group = where if isinstance(where, str) else where.path
        self._number = number
        self._name = point_axis_name(number)
        self._first = first
        self._identity = axis_identity(first)
        self._values = np.asarray(axis_values(first), np.float64)
        self._room = room
        self._writer = self._found()

    @property
    def first(self) -> Axis:
        """The axis as it was at the first point."""
        return self._first

    @property
    def number(self) -> int:
        """The number in the axis' name."""
        return self._number

    def _found(self) -> Writer | None:
        path = f"{self._group.rstrip('/')}/{self._name}"
        if self._h5saver.driver.kind(path) is None:
            return None
        array = self._h5saver.get_node(path)
        return self._room.writer(array) if isinstance(array, CARRAY) else None

    def takes(self, axis: Axis) -> bool:
        """Tell whether `axis` is the same, but for its values."""
        return axis is self._first or axis_identity(axis) == self._identity

    def write(self, index: tuple[int, ...], axis: Axis) -> None:
        """Keep the values of `axis`, which `takes` accepted, at the point `index`."""
        if self._writer is None:
            if has_same_values(self._first, axis):
                return
            self._writer = self._made()
        self._writer.write(index, np.asarray(axis_values(axis), np.float64))

    def _made(self) -> Writer:
        """Make the array, and give the points acquired so far the values of the first."""
        h5saver, room = self._h5saver, self._room
        with h5saver.all_or_nothing():
            group = h5saver.get_node(self._group)
            can_place = h5saver.driver.abilities.placed
            spec = room.spec(self._values.shape, self._values.dtype, can_place=can_place)
            array = h5saver.create_array(group, self._name, spec, self._first.label)
            first = self._first
            array.attrs.write(
                {"label": first.label, "units": first.units, "index": int(first.index) + room.dimensions}
            )
            writer = room.writer(array)
            points = acquired_points(group if isinstance(group, GROUP) else None)
            for earlier in () if points is None else np.argwhere(points.read()):
                writer.write(tuple(map(int, earlier)), self._values)
            show_groups(h5saver, [group])
        # The array belongs to the point that is about to be acknowledged.
        h5saver.driver.flush()
        return writer
