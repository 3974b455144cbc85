"""The points of one signal: their arrays are made or found once, then each point goes to its place."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymodaq_data.data import Axis, DataDistribution, DataWithAxes

from h5modules.backends import CARRAY, EARRAY, Where, Writer
from h5modules.saving import H5SaverLowLevel

from ._axes import AxisSaverLoader, axis_values, is_like_axis, shifted, with_values
from ._description import SignalDescription
from ._errors import DataMismatchError, DataWarning
from ._fitting import without_mask
from ._moving_axes import MovingAxis
from ._rooms import Room
from ._signals import ErrorSaverLoader, SignalManagement
from .nexus import MadeSignal, SavedAxis, show_groups, show_made

Array = np.ndarray[Any, Any]


@dataclass(slots=True)
class SignalWriter:
    """Writes the points of one signal, by the open handles of its arrays.

    Attributes
    ----------
    signal
        What every point is like.
    point_shape
        The shape that a point has in the file.
    channels, errors
        The writers of its arrays.
    axes
        Its axes, in the order in which they come.
    made
        What was made for it; None where its arrays were there already.
    """

    signal: SignalDescription
    point_shape: tuple[int, ...]
    channels: tuple[Writer, ...]
    errors: tuple[Writer, ...]
    axes: tuple[MovingAxis, ...]
    made: MadeSignal | None = None
    _has_other_axes: bool = False

    def require(self, data: DataWithAxes) -> None:
        """Make sure that `data` is another measurement of the signal.

        Axes of other names or units than those of the first point are no reason to lose a point: a
        `DataWarning` tells, once, and the file keeps the first ones.

        Raises
        ------
        DataMismatchError
            See `SignalDescription.require`.
        ArrayTypeError
            When values are masked that cannot be NaN.
        """
        self.signal.require(data)
        if not self._has_other_axes and not self._takes(data.axes):
            self._has_other_axes = True
            message = (
                f"{self.signal}: its axes are others than those of the first point; the file keeps those."
            )
            warnings.warn(message, DataWarning, stacklevel=2)

    def _takes(self, axes: Sequence[Axis]) -> bool:
        pairs = zip(self.axes, axes, strict=False)
        return len(axes) == len(self.axes) and all(own.takes(axis) for own, axis in pairs)

    def write(self, index: tuple[int, ...], data: DataWithAxes) -> None:
        """Put the values of `data`, which `require` accepted, at `index`."""
        # Each point has its values, also where they are the first ones': a place left out would read 0.
        axes = [own.first for own in self.axes] if self._has_other_axes else data.axes
        for own, axis in zip(self.axes, axes, strict=True):
            own.write(index, axis)
        shape = self.point_shape
        for writer, values, dtype in zip(self.channels, data.data, self.signal.dtypes, strict=True):
            writer.write(index, _as_kept(values, dtype).reshape(shape))
        if data.errors is None:
            return
        for writer, values, dtype in zip(
            self.errors, data.errors, self.signal.error_dtypes or (), strict=True
        ):
            writer.write(index, _as_kept(values, dtype).reshape(shape))


def _as_kept(values: Array, dtype: np.dtype[Any]) -> Array:
    return np.ascontiguousarray(values if type(values) is np.ndarray else without_mask(values), dtype)


class SignalPoints:
    """Makes or finds what the points of a signal are written in.

    Parameters
    ----------
    h5saver
        An open saver.
    room
        Where the points go.
    saver
        What names and finds the arrays of the values.
    """

    def __init__(self, h5saver: H5SaverLowLevel, room: Room, saver: SignalManagement) -> None:
        self._h5saver = h5saver
        self._room = room
        self._savers = (saver, ErrorSaverLoader(h5saver))
        self._axis_saver = AxisSaverLoader(h5saver)

    def writer(
        self,
        where: Where,
        data: DataWithAxes,
        distribution: DataDistribution = DataDistribution.uniform,
        further: Mapping[str, Any] | None = None,
    ) -> SignalWriter:
        """Return a writer of the signal that `data` is a point of; its arrays are made, or found.

        It is good until `H5SaverLowLevel.structure_changes` is another number. Flush the file before a point
        is acknowledged.

        Parameters
        ----------
        where
            The group of the signal.
        data
            The first point.
        distribution
            Whether the points lie on a grid (uniform) or are listed (spread).
        further
            Further extra attributes.

        Raises
        ------
        DataMismatchError
            When the group holds something else than points of this signal; nothing was written.
        """
        signal = SignalDescription.of(data, further)
        whole = signal.in_scan(self._room.dimensions, distribution.name)
        values, errors = self._savers
        with self._h5saver.all_or_nothing():
            is_new = values.get_last_node_name(where) is None
            axes = self._axes(where, data.axes, is_new)
            channels = self._arrays(values, where, whole, is_new)
            error_bars = self._arrays(errors, where, whole.of_errors(), is_new)
            return SignalWriter(
                signal.held_as([each.dtype for each in channels], [each.dtype for each in error_bars]),
                channels[0].shape[self._room.dimensions :],
                tuple(self._room.writer(array) for array in channels),
                tuple(self._room.writer(array) for array in error_bars),
                axes,
                self._made(where, whole, axes, channels, error_bars) if is_new else None,
            )

    def _made(
        self,
        where: Where,
        whole: SignalDescription,
        axes: Sequence[MovingAxis],
        channels: Sequence[CARRAY],
        error_bars: Sequence[CARRAY],
    ) -> MadeSignal:
        group = self._h5saver.get_node(where).path
        dimensions = self._room.dimensions
        saved = [SavedAxis.of(axis.first, group, axis.number, dimensions) for axis in axes]
        return MadeSignal(
            group,
            whole,
            tuple(array.path for array in channels),
            tuple(array.path for array in error_bars),
            tuple(axis for axis in saved if axis is not None),
            channels[0].shape,
            isinstance(channels[0], EARRAY),
        )

    def _axes(self, where: Where, axes: Sequence[Axis], is_new: bool) -> tuple[MovingAxis, ...]:
        """Save the axes of the first point, or find them; an axis that moves may have other values by now."""
        dimensions = self._room.dimensions
        moved = [shifted(axis, dimensions) for axis in axes]
        held = {
            number: axis
            for number, axis in self._axis_saver.numbered_axes(where).items()
            if axis.index >= dimensions
        }
        if is_new and not held:
            first = self._axis_saver.next_index(where)
            for axis in moved:
                self._axis_saver.add_axis(where, axis)
            held = dict(enumerate(moved, first))
        found = []
        for axis, own in zip(moved, axes, strict=True):
            number = next((key for key, other in held.items() if is_like_axis(axis, other)), None)
            if number is None:
                raise self._axis_saver.contradiction(where, axis)
            first_axis = deepcopy(own) if is_new else self._first_axis(where, number, own)
            found.append(MovingAxis(self._h5saver, where, number, first_axis, self._room))
            del held[number]
        if held:
            raise self._axis_saver.contradiction(where, next(iter(held.values())))
        return tuple(found)

    def _first_axis(self, where: Where, number: int, own: Axis) -> Axis:
        """Return the axis of earlier points, with the values in the file: loaded, they may be a line."""
        values = np.reshape(self._axis_saver.get_node_from_index(where, number).read(), -1)
        if np.array_equal(values, axis_values(own), equal_nan=True):
            return deepcopy(own)
        return with_values(own, values)

    def _arrays(
        self, saver: SignalManagement, where: Where, whole: SignalDescription, is_new: bool
    ) -> list[CARRAY]:
        if is_new:
            return [self._create(saver, where, whole, channel) for channel in range(len(whole.dtypes))]
        found = saver.get_array_nodes(where)
        if len(found) != len(whole.dtypes):
            raise DataMismatchError(
                f"{whole}: the point has {len(whole.dtypes)} arrays of type {saver.data_type.name!r}, "
                f"{self._h5saver.get_node(where).path!r} in {self._h5saver.filename!r} holds {len(found)}."
            )
        for channel, array in enumerate(found):
            self._require_alike(array, whole, channel)
        return found

    def _create(
        self, saver: SignalManagement, where: Where, whole: SignalDescription, channel: int
    ) -> CARRAY:
        point, dtype = self._room.point_shape(whole.shape), whole.dtypes[channel]
        return self._h5saver.add_array(
            where,
            saver.node_name(channel),
            saver.data_type,
            data_shape=point,
            array_type=dtype,
            title=whole.name,
            data_dimension=whole.dim,
            metadata=whole.channel_attributes(channel),
            **self._room.request(point, dtype),
        )

    def _require_alike(self, array: CARRAY, whole: SignalDescription, channel: int) -> None:
        attrs, info = array.attrs, array.info
        point = self._room.point_shape(whole.shape)
        wanted = {
            "the shape": self._room.array_shape(point, info.shape),
            "the name": whole.name,
            "the origin": whole.origin,
            "the label": whole.labels[channel],
            "the unit": whole.units,
        }
        held = {
            "the shape": info.shape,
            "the name": array.title,
            "the origin": attrs.get("origin", whole.origin),
            "the label": attrs.get("label", whole.labels[channel]),
            "the unit": attrs.get("units", whole.units),  # PyMoDAQ writes none in scans
        }
        for what, value in wanted.items():
            if held[what] != value:
                raise DataMismatchError(
                    f"{whole}: {what} of {array.path!r} in {self._h5saver.filename!r} is {held[what]!r}, "
                    f"these points need {value!r}. Save them in another group."
                )


def show_written(
    h5saver: H5SaverLowLevel, where: Where, groups: Sequence[Where], writers: Iterable[SignalWriter]
) -> None:
    """Let other programs plot the signals that points are written of; call it when all else is made.

    Parameters
    ----------
    h5saver
        An open saver.
    where
        The group that the signals share, in which the axes of the scan are looked for, and around it.
    groups
        The group of each signal.
    writers
        What writes them. Of signals that were there already the file is asked.
    """
    made = [writer.made for writer in writers]
    known = [each for each in made if each is not None]
    if len(known) == len(made):
        show_made(h5saver, where, known)
    else:
        show_groups(h5saver, groups)
