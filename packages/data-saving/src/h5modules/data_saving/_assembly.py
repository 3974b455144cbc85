"""Put a `DataWithAxes` together from the nodes that it was saved as."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Self

from pymodaq_data.data import Axis, DataWithAxes

from h5modules.backends import CARRAY, EARRAY, GROUP, AttributeWarning, Node, Where
from h5modules.saving import DataType, H5SaverLowLevel, counting_key, number_of

from ._acquired import AcquiredPoints, acquired_points
from ._axes import AxisSaverLoader, is_same_axis, make_axis, point_axis_name
from ._description import FORBIDDEN_ATTRIBUTES, LAYOUT_ATTRIBUTES, SAVED_AGAIN, SPREAD, SignalDescription
from ._errors import DataNodeError, DataWarning
from ._lazy import LazyData, SavedAxes
from ._values import Difference, Masked, SavedValues, Values, saved_values

MEASURED = (DataType.data, DataType.data_enlargeable)
"""What arrays of signals are: others belong to them."""

_Attributes = tuple[dict[str, Any], dict[str, str]]
"""The values of a node's attributes, and remarks on some, by name."""

_LOADABLE = (*MEASURED, DataType.bkg, DataType.error, DataType.axis)


@dataclass(frozen=True)
class Assembly:
    """The nodes of one signal: its channels, all in one group."""

    saver: H5SaverLowLevel
    group: GROUP
    channels: tuple[CARRAY, ...]
    data_type: DataType
    _read: tuple[_Attributes, ...] | None = None

    @classmethod
    def at(cls, saver: H5SaverLowLevel, where: Where, *, all_channels: bool) -> Self:
        """Find the channels of the signal that the array at `where` belongs to.

        Raises
        ------
        DataNodeError
            When the node is not an array of a signal.
        """
        node = saver.get_node(where)
        name = node.attrs.get("data_type") if isinstance(node, CARRAY) else None
        kind = next((kind for kind in _LOADABLE if kind.name == name), None)
        group = node.parent_node
        if kind is None or group is None or not isinstance(node, CARRAY):
            raise DataNodeError(
                f"{node.path!r} in {saver.filename!r} does not hold data that can be loaded"
                f"{cls._below(saver, node)}."
            )
        if all_channels and kind is not DataType.axis:
            return next(found for found in cls.all_in(saver, group, (kind,)) if node in found.channels)
        return cls(saver, group, (node,), kind)

    @classmethod
    def _below(cls, saver: H5SaverLowLevel, node: Node) -> str:
        """Tell of the first data below a node that holds none itself."""
        if not isinstance(node, GROUP):
            return ""
        found = (each for group in saver.walk_groups(node) for each in cls.all_in(saver, group, MEASURED))
        first = next(found, None)
        if first is None:
            return ", and nothing below it does"
        return f"; below it {first.channels[0].path!r} does, and load_all loads all there is"

    @classmethod
    def all_in(cls, saver: H5SaverLowLevel, group: GROUP, kinds: Sequence[DataType]) -> Iterator[Self]:
        """Yield the signals of these kinds in a group.

        Channels that were saved together follow each other, and have the same name, origin, time and shape.
        """
        by_name = {kind.name: kind for kind in kinds}
        found: list[tuple[str, CARRAY, _Attributes]] = []
        for _, node in sorted(group.iter_children(), key=lambda item: counting_key(item[0])):
            kind = node.attrs.get("data_type") if isinstance(node, CARRAY) else None
            if isinstance(node, CARRAY) and kind in by_name:
                found.append((str(kind), node, node.attrs.read()))
        for (name, *_), channels in groupby(found, lambda each: (each[0], *_saving(each[1], each[2][0]))):
            _, nodes, attributes = zip(*channels, strict=True)
            yield cls(saver, group, nodes, by_name[name], attributes)

    @cached_property
    def attributes(self) -> tuple[dict[str, Any], ...]:
        """The attributes of each channel that have a value, read once."""
        read = self._read or [node.attrs.read() for node in self.channels]
        return tuple(_usable(*attributes) for attributes in read)

    @property
    def nav_indexes(self) -> tuple[int, ...]:
        """The navigation dimensions of the values."""
        return tuple(int(index) for index in self.attributes[0].get("nav_indexes") or ())

    def open(
        self, *, with_bkg: bool = False, masked: bool = False, nav_axes: Sequence[Axis] = ()
    ) -> LazyData:
        """Return all that was saved, without reading the values.

        Parameters
        ----------
        with_bkg
            Subtract from each channel its own background, if it has one.
        masked
            Give masked arrays, in which points that were not acquired are masked.
        nav_axes
            Navigation axes that are saved elsewhere.

        Raises
        ------
        DataMismatchError
            When a background is of another shape than its channel.
        """
        points = acquired_points(self.group)
        rows = points.count() if points is not None and points.grows else None
        nav_indexes = self.nav_indexes
        channels = [saved_values(node, nav_indexes, points, rows) for node in self.channels]
        shape = channels[0].shape
        told = points if points is not None and points.covers(shape, nav_indexes) else None
        dimensions = _scan_dimensions(nav_indexes, told, nav_axes)
        values: list[Values] = [*channels]
        if with_bkg:
            values = [
                channel if background is None else Difference(channel, background, dimensions)
                for channel, background in zip(channels, self.backgrounds(), strict=True)
            ]
        errors: list[Values] = [saved_values(node, nav_indexes, points, rows) for node in self.error_nodes()]
        if masked:
            values = [Masked(each, told) for each in values]
            errors = [Masked(each, told) for each in errors]
        axes = self._axes(shape, nav_axes, points, rows)
        description = self._description(values, errors)
        path = self.channels[0].path
        return LazyData(description, path, tuple(values), tuple(errors), axes, dimensions, told)

    def backgrounds(self) -> list[SavedValues | None]:
        """Return the background of each channel, or None, without reading the values."""
        nodes = [self._numbered(node, DataType.bkg) for node in self.channels]
        if self.data_type not in MEASURED:
            return [None] * len(nodes)
        return [None if node is None else saved_values(node, (), None, None) for node in nodes]

    def _description(self, values: Sequence[Values], errors: Sequence[Values]) -> SignalDescription:
        attrs = self.attributes[0]
        is_axis = self.data_type is DataType.axis
        return SignalDescription(
            name=str(attrs.get("TITLE", "")),
            origin=str(attrs.get("origin", "")),
            dim=str(attrs.get("data_dimension", "")),
            units=str(attrs.get("units", "")),
            source=attrs.get("source", "raw"),
            distribution=_distribution(attrs, self.nav_indexes),
            timestamp=attrs.get("timestamp", 0.0),
            labels=tuple(str(each.get("label", "")) for each in self.attributes),
            nav_indexes=self.nav_indexes,
            shape=values[0].shape,
            dtypes=tuple(each.dtype for each in values),
            error_dtypes=tuple(each.dtype for each in errors) or None,
            extra={} if is_axis else _extra_attributes(attrs),
        )

    def _axes(
        self,
        shape: tuple[int, ...],
        nav_axes: Sequence[Axis],
        points: AcquiredPoints | None,
        rows: int | None,
    ) -> SavedAxes:
        if self.data_type is DataType.axis:
            return SavedAxes(_fitting(nav_axes, shape, self.channels[0]), {})
        numbered = AxisSaverLoader(self.saver).numbered_axes(self.group)
        of_one_value = tuple(
            axis for axis in numbered.values() if axis.size == 1 and axis.index >= len(shape)
        )
        own = [axis for axis in numbered.values() if axis not in of_one_value]
        axes = _fitting([*own, *nav_axes], shape, self.channels[0])
        moving = {}
        for number, axis in numbered.items():
            node = self._child(point_axis_name(number))
            held = enumerate((*axes, *of_one_value))
            place = next((place for place, other in held if other is axis), None)
            if node is not None and place is not None:
                # Of a log, one value a row stays a dimension: it is the length of the axis.
                dimensions = () if isinstance(node, EARRAY) else tuple(range(len(node.shape) - 1))
                moving[place] = saved_values(node, dimensions, points, rows)
        return SavedAxes(axes, moving, of_one_value)

    def _child(self, name: str) -> CARRAY | None:
        node = self.group.find(name)
        return node if isinstance(node, CARRAY) else None

    def _numbered(self, node: CARRAY, kind: DataType) -> CARRAY | None:
        number = number_of(node.name, self.data_type.value)
        return None if number is None else self._child(f"{kind.value}{number:02d}")

    def error_nodes(self) -> list[CARRAY]:
        """Return the error bars of all channels; empty where not all have them."""
        if self.data_type not in MEASURED:
            return []
        found = [self._numbered(node, DataType.error) for node in self.channels]
        nodes = [node for node in found if node is not None]
        return nodes if len(nodes) == len(found) else []


def times_saved(node: CARRAY, description: SignalDescription) -> int:
    """Return how often a signal was saved in a row, up to the array behind which it is saved again."""
    attributes, _ = node.attrs.read()
    again = attributes.get(SAVED_AGAIN, 0)
    told = (description.name, description.origin, str(description.timestamp), description.shape, again)
    return int(again) + 1 if _saving(node, attributes) == told else 0


def _saving(node: CARRAY, attributes: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what arrays that were saved at once have in common."""
    told = (str(attributes.get(name)) for name in ("TITLE", "origin", "timestamp"))
    # A row that failed may have left one channel of a log longer than the others.
    shape = node.shape[1:] if isinstance(node, EARRAY) else node.shape
    return *told, shape, attributes.get(SAVED_AGAIN, 0)


def _scan_dimensions(
    nav_indexes: tuple[int, ...], points: AcquiredPoints | None, nav_axes: Sequence[Axis]
) -> int:
    """Return how many of the first dimensions are those of a scan, and not of what a point holds."""
    if points is not None:
        return len(points.shape)
    count = 1 + max(axis.index for axis in nav_axes) if nav_axes else len(nav_indexes)
    return count if nav_indexes[:count] == tuple(range(count)) else 0


def _usable(values: dict[str, Any], remarks: dict[str, str]) -> dict[str, Any]:
    values = values.copy()
    for name, remark in remarks.items():
        if values[name] is None:  # such as HDF5's own references: they are no values
            del values[name]
        else:
            warnings.warn(remark, AttributeWarning, stacklevel=2)
    return values


def _distribution(attrs: Mapping[str, Any], nav_indexes: tuple[int, ...]) -> str:
    # PyMoDAQ's objects can list points along one dimension only.
    is_spread = attrs.get("distribution") == SPREAD and len(nav_indexes) == 1
    return SPREAD if is_spread else "uniform"


def _extra_attributes(attrs: Mapping[str, Any]) -> dict[str, Any]:
    taken = LAYOUT_ATTRIBUTES | FORBIDDEN_ATTRIBUTES
    return {name: value for name, value in attrs.items() if name not in taken and _can_be_set(name)}


def _can_be_set(name: str) -> bool:
    own = getattr(DataWithAxes, name, None)
    return not isinstance(own, property) or own.fset is not None


def _fitting(axes: Iterable[Axis], shape: tuple[int, ...], node: CARRAY) -> tuple[Axis, ...]:
    """Return the axes that belong to an array of that shape; PyMoDAQ would change the values of others."""
    fitting: list[Axis] = []
    for saved in axes:
        axis = saved
        length = shape[axis.index] if axis.index < len(shape) else 0
        if isinstance(node, EARRAY) and axis.index == 0 and axis.size > length:
            # It was read a moment later, when another row had come.
            values = axis.get_data()[:length]
            axis = make_axis(axis.label, axis.units, values, 0, axis.spread_order)
        if axis.size == length:
            if not any(is_same_axis(axis, other) for other in fitting):  # a signal saved twice has them twice
                fitting.append(axis)
        else:
            message = (
                f"{node.path!r} comes without the axis {axis.label!r}: {axis.size} values, not {length}."
            )
            warnings.warn(message, DataWarning, stacklevel=6)
    return tuple(fitting)
