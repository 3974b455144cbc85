"""The points of a scan that are plotted, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymodaq_data.data import Axis, DataDim, DataDistribution, DataToExport, DataWithAxes

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class _Signal:
    """All points of one signal, NaN where none is yet."""

    first: DataWithAxes
    channels: tuple[Array, ...]

    @classmethod
    def like(cls, first: DataWithAxes, shape: tuple[int, ...]) -> _Signal:
        """Return room for a scan of signals like the first of them."""
        kinds = [np.result_type(channel.dtype, np.float32) for channel in first.data]
        room = (
            np.full((*shape, *_own_shape(channel)), np.nan, kind)
            for channel, kind in zip(first.data, kinds, strict=True)
        )
        return cls(first, tuple(room))


class PointsInMemory:
    """The points of one scan: each is put in its place, and all are handed out as PyMoDAQ's plots want them.

    It stands where PyMoDAQ's plots have a loader that reads a file.

    Parameters
    ----------
    shape
        The shape of the scan.
    axes
        Its axes.
    distribution
        Whether its points lie on a grid (uniform) or are listed (spread).

    Examples
    --------
    >>> from pymodaq_data.data import DataRaw
    >>> points = PointsInMemory((3,), [Axis('Stage', 'um', np.arange(3.0), index=0)])
    >>> power = DataRaw('power', origin='Photodiode', data=[np.array([0.5])])
    >>> points.add(DataToExport('point', data=[power]), (1,))
    >>> points.load_all('/', DataToExport('all')).data[0][0]
    array([nan, 0.5, nan])
    """

    def __init__(
        self,
        shape: Sequence[int] = (),
        axes: Sequence[Axis] = (),
        distribution: DataDistribution = DataDistribution.uniform,
    ) -> None:
        self._shape = tuple(shape)
        self._axes = tuple(axes)
        self._distribution = distribution
        self._signals: dict[str, _Signal] = {}
        self._acquired = np.zeros(self._shape, bool)
        self._earlier: dict[str, tuple[Sequence[Array], Array]] = {}

    def remember(self, name: str, channels: Sequence[Array], acquired: Array) -> None:
        """Have the points of a signal too that were acquired earlier.

        Parameters
        ----------
        name
            The full name of the signal, as ``Photodiode/power``.
        channels
            All its points, in an array for each channel.
        acquired
            Which of them were acquired, in the scan's shape.
        """
        self._earlier[name] = channels, acquired

    def add(self, dte: DataToExport, index: Sequence[int]) -> None:
        """Keep a point.

        A signal whose shape changed is left out: it cannot be saved either, and the saver says so.

        Parameters
        ----------
        dte
            Its signals.
        index
            Where in the scan: one whole number for each of its dimensions.
        """
        for data in dte.data:
            name = data.get_full_name()
            if name not in self._signals:
                self._signals[name] = self._begin(name, data)
            for room, channel in zip(self._signals[name].channels, data.data, strict=False):
                if room.shape == (*self._shape, *_own_shape(channel)):
                    self._acquired[tuple(index)] = True
                    room[tuple(index)] = channel if _own_shape(channel) else channel.item()

    def _begin(self, name: str, first: DataWithAxes) -> _Signal:
        signal = _Signal.like(first, self._shape)
        channels, acquired = self._earlier.pop(name, ((), self._acquired))
        for room, channel in zip(signal.channels, channels, strict=False):
            if room.shape == channel.shape:
                room[acquired] = channel[acquired]
                self._acquired |= acquired
        return signal

    def load_all(self, where: object, data: DataToExport) -> DataToExport:
        """Put all signals in `data`, and return it; `where` is the place in a file that others look in."""
        data.data = [self._whole(signal) for signal in self._signals.values()]
        return data

    def _whole(self, signal: _Signal) -> DataWithAxes:
        first, dimensions = signal.first, len(self._shape)
        has_own = bool(_own_shape(first.data[0]))
        own = [_moved(axis, dimensions) for axis in first.axes] if has_own else []
        # A list is drawn as far as it goes: where a point is missing, there is nothing to be seen of it.
        rows = self._acquired if self._distribution == DataDistribution.spread else ...
        return DataWithAxes(
            first.name,
            source=first.source,
            dim=DataDim.DataND,
            distribution=self._distribution,
            data=[channel[rows].copy() for channel in signal.channels],  # plots may change what they get
            labels=first.labels,
            origin=first.origin,
            units=first.units,
            nav_indexes=tuple(range(dimensions)),
            axes=[*(_moved(axis, 0, rows) for axis in self._axes), *own],
        )


def _own_shape(channel: Array) -> tuple[int, ...]:
    """Return the shape that a signal has at each point; a single value has none."""
    return () if channel.size == 1 else channel.shape


def _moved(axis: Axis, by: int, rows: Any = ...) -> Axis:
    return Axis(
        label=axis.label,
        units=axis.units,
        data=axis.get_data()[rows],
        index=axis.index + by,
        spread_order=axis.spread_order,
    )
