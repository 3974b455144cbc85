"""Put a `DataWithAxes` together from the nodes that it was saved as."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from pymodaq_data.data import Axis, DataWithAxes

from h5modules.backends import CARRAY, EARRAY, GROUP, UndecodableError, Where
from h5modules.saving import DataType, H5SaverLowLevel, counting_key, number_of

from ._axes import AxisSaverLoader, is_same_axis, make_axis
from ._description import FORBIDDEN_ATTRIBUTES, LAYOUT_ATTRIBUTES, SPREAD
from ._errors import DataMismatchError, DataNodeError, DataWarning
from ._record import Record, covers, load_record, rows_acquired

Array = np.ndarray[Any, Any]

MEASURED = (DataType.data, DataType.data_enlargeable)
"""What arrays of signals are: others belong to them."""

_LOADABLE = (*MEASURED, DataType.bkg, DataType.error, DataType.axis)


@dataclass(frozen=True, slots=True)
class Assembly:
    """The nodes of one signal: its channels, all in one group."""

    saver: H5SaverLowLevel
    group: GROUP
    channels: tuple[CARRAY, ...]
    data_type: DataType

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
            raise DataNodeError(f"{node.path!r} in {saver.filename!r} does not hold data that can be loaded.")
        if all_channels and kind is not DataType.axis:
            return next(found for found in cls.all_in(saver, group, (kind,)) if node in found.channels)
        return cls(saver, group, (node,), kind)

    @classmethod
    def all_in(cls, saver: H5SaverLowLevel, group: GROUP, kinds: Sequence[DataType]) -> Iterator[Self]:
        """Yield the signals of these kinds in a group.

        Channels that were saved together have the same name, origin, time and shape.
        """
        by_name = {kind.name: kind for kind in kinds}
        signals: dict[Any, list[CARRAY]] = {}
        for _, node in sorted(group.iter_children(), key=lambda item: counting_key(item[0])):
            if isinstance(node, CARRAY) and node.attrs.get("data_type") in by_name:
                attrs = node.attrs
                told = (str(attrs.get(name)) for name in ("data_type", "TITLE", "origin", "timestamp"))
                signals.setdefault((*told, node.shape), []).append(node)
        for (name, *_), nodes in signals.items():
            yield cls(saver, group, tuple(nodes), by_name[name])

    @property
    def nav_indexes(self) -> tuple[int, ...]:
        """The navigation dimensions of the values."""
        return tuple(int(index) for index in self.channels[0].attrs.get("nav_indexes") or ())

    def load(self, *, with_bkg: bool = False, nav_axes: Sequence[Axis] = ()) -> DataWithAxes:
        """Read the values and return them with all that was saved beside them."""
        first = self.channels[0]
        attrs = _readable_attributes(first)
        nav_indexes = self.nav_indexes
        record = load_record(self.group)
        arrays = [_values(node, nav_indexes, record) for node in self.channels]
        errors = [_values(node, nav_indexes, record) for node in self._error_nodes()]
        if with_bkg:
            pairs = zip(self.channels, arrays, strict=True)
            arrays = [self._without_background(node, values, len(nav_indexes)) for node, values in pairs]
        axes = [] if self.data_type is DataType.axis else AxisSaverLoader(self.saver).get_axes(self.group)
        data = DataWithAxes(
            str(attrs.get("TITLE", "")),
            source=attrs.get("source", "raw"),
            distribution=_distribution(attrs, nav_indexes),
            data=arrays,
            labels=[str(node.attrs.get("label", "")) for node in self.channels],
            origin=str(attrs.get("origin", "")),
            nav_indexes=nav_indexes,
            axes=_fitting([*axes, *nav_axes], arrays[0].shape, first),
            errors=errors or None,
            path=first.path,
        )
        data.force_units(str(attrs.get("units", "")))  # as it was saved, also where pint does not know it
        data.timestamp = attrs.get("timestamp", data.timestamp)
        if self.data_type is not DataType.axis:
            data.add_extra_attribute(**_extra_attributes(attrs))
        return data

    def _numbered(self, node: CARRAY, kind: DataType) -> CARRAY | None:
        number = number_of(node.name, self.data_type.value)
        name = f"{kind.value}{number:02d}" if number is not None else ""
        found = self.saver.get_node(self.group, name) if name and name in self.group else None
        return found if isinstance(found, CARRAY) else None

    def _error_nodes(self) -> list[CARRAY]:
        if self.data_type not in MEASURED:
            return []
        found = [self._numbered(node, DataType.error) for node in self.channels]
        nodes = [node for node in found if node is not None]
        return nodes if len(nodes) == len(found) else []

    def _without_background(self, node: CARRAY, values: Array, scan_dimensions: int) -> Array:
        background_node = self._numbered(node, DataType.bkg) if self.data_type in MEASURED else None
        if background_node is None:
            return values
        background = np.asarray(background_node.read())
        point = values.shape[scan_dimensions:]
        if point == () and background.shape == (1,):
            background = background[0]
        elif background.shape not in (point, values.shape):
            raise DataMismatchError(
                f"the background {background_node.path!r} of shape {background.shape} does not fit "
                f"{node.path!r} of shape {values.shape}."
            )
        # Unsigned counts minus a background may be negative.
        signed = np.result_type(values.dtype, background.dtype, np.int8)
        difference: Array = np.subtract(values, background, dtype=signed)
        return difference


def _values(node: CARRAY, nav_indexes: tuple[int, ...], record: Record | None) -> Array:
    values = np.asarray(node.read())
    if isinstance(node, EARRAY) and record is not None and record.ndim == 1:
        values = values[: rows_acquired(record)]  # a row that was not finished may follow
    if isinstance(node, EARRAY) and len(nav_indexes) == values.ndim - 1 and values.shape[-1] == 1:
        values = values[..., 0]  # one value a row: the signal has no dimension of its own
    elif record is not None and values.dtype.kind in "fc" and covers(record, values.shape, nav_indexes):
        values[record == 0] = np.nan
    return np.atleast_1d(values)


def _readable_attributes(node: CARRAY) -> dict[str, Any]:
    found = {}
    for name in node.attrs:
        try:
            found[name] = node.attrs[name]
        except UndecodableError:  # such as HDF5's own references: they are no values
            continue
    return found


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


def _fitting(axes: Iterable[Axis], shape: tuple[int, ...], node: CARRAY) -> list[Axis]:
    """Return the axes that belong to an array of that shape; PyMoDAQ would change the values of others."""
    fitting: list[Axis] = []
    for saved in axes:
        axis = saved
        length = shape[axis.index] if axis.index < len(shape) else 0
        if isinstance(node, EARRAY) and axis.index == 0 and axis.size > length:
            # It was read a moment later, when another row had come.
            values = axis.get_data()[:length]
            axis = make_axis(axis.label, axis.units, values, 0, axis.spread_order)
        if axis.size == 1 and axis.index >= len(shape):
            continue  # of one value, which adds no dimension to those of a scan
        if axis.size == length:
            if not any(is_same_axis(axis, other) for other in fitting):  # a signal saved twice has them twice
                fitting.append(axis)
        else:
            message = (
                f"{node.path!r} comes without the axis {axis.label!r}: {axis.size} values, not {length}."
            )
            warnings.warn(message, DataWarning, stacklevel=5)
    return fitting
