"""`LazyData`: a signal in a file, of which only what is asked for is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymodaq_data.data import Axis, DataWithAxes

from h5modules.backends import ShownInNotebooks

from ._acquired import AcquiredPoints
from ._axes import make_axis
from ._description import SignalDescription
from ._errors import DataNodeError
from ._parts import Part, kept_dimensions, parse_part, whole_part
from ._places import checked_index
from ._values import Values

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class SavedAxes:
    """The axes of a signal in a file.

    Attributes
    ----------
    axes
        Those of its dimensions.
    moving
        For an axis that is not the same at each point, by its number among `all`, its values at each.
    of_one_value
        Those of one value, of a signal that is one value and adds no dimension to those of the scan.
    """

    axes: tuple[Axis, ...]
    moving: Mapping[int, Values]
    of_one_value: tuple[Axis, ...] = ()

    def of_part(self, part: Part, scan_dimensions: int) -> list[Axis]:
        """Return the axes of a part of the signal: those of a single point where it is one."""
        kept = kept_dimensions(part)
        point = part[:scan_dimensions]
        is_point = all(isinstance(item, int) for item in point)
        found = []
        for number, axis in enumerate(self.all if not kept else self.axes):
            is_there = axis.index in kept or number >= len(self.axes)
            if not is_there:
                continue
            item, index = (part[axis.index], kept[axis.index]) if axis.index in kept else (slice(None), 0)
            moving = self.moving.get(number) if is_point else None
            moved = None if moving is None else moving.read((*point, slice(0, axis.size, 1)))
            found.append(_cut(axis, item, index, moved))
        return found

    @property
    def all(self) -> tuple[Axis, ...]:
        """All axes; those of one value last."""
        return (*self.axes, *self.of_one_value)


def _cut(axis: Axis, item: int | slice, index: int, moved: Array | None) -> Axis:
    assert isinstance(item, slice)
    is_whole = len(range(*item.indices(axis.size))) == axis.size and (item.step or 1) > 0
    if is_whole and moved is None:
        same = deepcopy(axis)  # the caller may change it
        same.index = index
        return same
    values = np.asarray(axis.get_data() if moved is None else moved)[item]
    return make_axis(axis.label, axis.units, values, index, axis.spread_order)


@dataclass(frozen=True, eq=False, repr=False)
class LazyData(ShownInNotebooks):
    """A signal in a file: what it is like is known, of its values only what is asked for is read.

    Index it as a numpy array, with whole numbers and slices: that part is read, and returned as
    `DataWithAxes`. It is good as long as the file is open.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import Axis, DataRaw
    >>> from h5modules.data_saving import DataLoader, DataSaverLoader
    >>> movie = DataRaw('movie', data=[np.ones((50, 4, 3))], nav_indexes=(0,),
    ...                 axes=[Axis('time', 's', np.arange(50.0), index=0)])
    >>> with DataSaverLoader(tmp_path / 'movie.h5') as saver:
    ...     saver.add_data('/RawData', movie)
    >>> with DataLoader(tmp_path / 'movie.h5') as loader:
    ...     lazy = loader.load_data('/RawData/Data00', lazy=True)
    ...     frame, pixel = lazy.inav[7], lazy[:, 0, 2]
    >>> lazy.shape, frame.shape, pixel.shape, pixel.axes[0].label
    ((50, 4, 3), (4, 3), (50,), 'time')

    Attributes
    ----------
    description
        The signal without its values.
    path
        The first of its arrays.
    channels, errors
        The values of each channel, and of its error bars if there are any.
    saved_axes
        Its axes.
    scan_dimensions
        How many of its first dimensions are those of a scan.
    points
        Which points of the scan were acquired; None where nothing tells.
    """

    description: SignalDescription
    path: str
    channels: tuple[Values, ...]
    errors: tuple[Values, ...]
    saved_axes: SavedAxes
    scan_dimensions: int
    points: AcquiredPoints | None

    @property
    def name(self) -> str:
        """The name of the signal."""
        return self.description.name

    @property
    def units(self) -> str:
        """The unit of its values."""
        return self.description.units

    @property
    def labels(self) -> list[str]:
        """The names of its channels."""
        return list(self.description.labels)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of each channel."""
        return self.description.shape

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def dtypes(self) -> tuple[np.dtype[Any], ...]:
        """The dtype of each channel."""
        return self.description.dtypes

    @property
    def nav_indexes(self) -> tuple[int, ...]:
        """The navigation dimensions."""
        return self.description.nav_indexes

    @property
    def sig_indexes(self) -> tuple[int, ...]:
        """The signal dimensions."""
        return tuple(index for index in range(self.ndim) if index not in self.nav_indexes)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes; those that move have the values of the first point."""
        return self.saved_axes.axes

    @property
    def inav(self) -> Slicer:
        """Index it by its navigation dimensions alone: ``lazy.inav[3]`` is the signal of one point."""
        return Slicer(self, self.nav_indexes)

    @property
    def isig(self) -> Slicer:
        """Index it by its signal dimensions alone: ``lazy.isig[3]`` is the map of one pixel."""
        return Slicer(self, self.sig_indexes)

    def __len__(self) -> int:
        return len(self.channels)

    def __getitem__(self, selection: Any) -> DataWithAxes:
        """Read a part of all channels.

        Raises
        ------
        ArrayIndexError
            When `selection` is not of whole numbers and slices inside the data.
        FileClosedError
            When the file was closed.
        DataNodeError
            When the array was deleted or moved meanwhile, or the file closed and opened again.
        """
        part = parse_part(selection, self.shape, f"signal {self.name!r} at {self.path!r}")
        return self._read(part)

    def load(self) -> DataWithAxes:
        """Read all of it."""
        return self._read(whole_part(self.shape))

    def point_index(self, indexes: Iterable[int]) -> tuple[int, ...]:
        """Return `indexes` as those of a point of the scan, or of a row of the log.

        Raises
        ------
        DataNodeError
            When the data are not those of a scan or log.
        ScanIndexError
            When the point lies outside.
        """
        if not self.scan_dimensions:
            raise DataNodeError(f"{self.path!r} holds no points: it belongs to no scan and no log.")
        return checked_index(indexes, self.shape[: self.scan_dimensions])

    def moving_axes(self) -> Iterator[tuple[Axis, Values]]:
        """Yield the axes that are not the same at each point, with their values at every point."""
        for number, values in self.saved_axes.moving.items():
            yield self.saved_axes.all[number], values

    def _read(self, part: Part) -> DataWithAxes:
        signal, kept = self.description, kept_dimensions(part)
        data = DataWithAxes(
            signal.name,
            source=signal.source,
            distribution=signal.distribution,
            data=[np.atleast_1d(values.read(part)) for values in self.channels],
            labels=list(signal.labels),
            origin=signal.origin,
            nav_indexes=tuple(kept[index] for index in signal.nav_indexes if index in kept),
            axes=self.saved_axes.of_part(part, self.scan_dimensions),
            errors=[np.atleast_1d(values.read(part)) for values in self.errors] or None,
            path=self.path,
        )
        data.force_units(signal.units)  # as it was saved, also where pint does not know it
        data.timestamp = signal.timestamp
        data.add_extra_attribute(**deepcopy(dict(signal.extra)))
        return data

    def __repr__(self) -> str:
        return f"<LazyData {self.name!r} at {self.path!r}: {len(self)} channel(s) of shape {self.shape}>"


@dataclass(frozen=True, slots=True)
class Slicer:
    """Indexes lazy data by some of their dimensions; all others are whole."""

    data: LazyData
    dimensions: tuple[int, ...]

    def __getitem__(self, selection: Any) -> DataWithAxes:
        """Read a part: see `LazyData`."""
        shape = tuple(self.data.shape[dimension] for dimension in self.dimensions)
        part = parse_part(selection, shape, f"signal {self.data.name!r} at {self.data.path!r}")
        items: list[int | slice] = list(whole_part(self.data.shape))
        for dimension, item in zip(self.dimensions, part, strict=True):
            items[dimension] = item
        return self.data[tuple(items)]
