"""Put a `DataWithAxes` together from the nodes that it was saved as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from pymodaq_data.data import Axis, DataWithAxes

from h5modules.backends import CARRAY, EARRAY, GROUP, Where
from h5modules.saving import DataType, H5SaverLowLevel, number_of

from ._axes import AxisSaverLoader
from ._description import LAYOUT_ATTRIBUTES
from ._errors import DataMismatchError, DataNodeError
from ._record import load_record

Array = np.ndarray[Any, Any]

_SIGNALS = (DataType.data, DataType.data_enlargeable, DataType.bkg, DataType.error)


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
        group = node.parent_node
        name = node.attrs.get("data_type") if isinstance(node, CARRAY) else None
        kind = next((kind for kind in _SIGNALS if kind.name == name), None)
        if kind is None or group is None or not isinstance(node, CARRAY):
            raise DataNodeError(f"{node.path!r} in {saver.filename!r} does not hold data that can be loaded.")
        channels = [node]
        if all_channels:
            siblings = [child for child in group.children().values() if isinstance(child, CARRAY)]
            channels = [child for child in siblings if child.attrs.get("data_type") == kind.name]
            channels.sort(key=lambda child: number_of(child.name, kind.value) or 0)
        return cls(saver, group, tuple(channels), kind)

    def load(self, *, with_bkg: bool = False, nav_axes: Sequence[Axis] = ()) -> DataWithAxes:
        """Read the values and return them with all that was saved beside them."""
        attrs = self.channels[0].attrs.to_dict()
        nav_indexes = tuple(attrs.get("nav_indexes") or ())
        record = load_record(self.group)
        arrays = [_values(node, len(nav_indexes), record) for node in self.channels]
        error_nodes = self._error_nodes()
        errors = [_values(node, len(nav_indexes), record) for node in error_nodes] or None
        if with_bkg:
            arrays = [self._without_background(node, values) for node, values in zip(self.channels, arrays, strict=True)]
        extra = {name: value for name, value in attrs.items() if name not in LAYOUT_ATTRIBUTES}
        data = DataWithAxes(
            str(attrs.get("TITLE", "")),
            source=attrs.get("source", "raw"),
            distribution=attrs.get("distribution", "uniform"),
            units=str(attrs.get("units", "")),
            data=arrays,
            labels=[str(node.attrs.get("label", "")) for node in self.channels],
            origin=str(attrs.get("origin", "")),
            nav_indexes=nav_indexes,
            axes=[*AxisSaverLoader(self.saver).get_axes(self.group), *nav_axes],
            errors=errors,
            path=self.channels[0].path,
            **extra,
        )
        if "timestamp" in attrs:
            data.timestamp = attrs["timestamp"]
        return data

    def _numbered(self, node: CARRAY, kind: DataType) -> CARRAY | None:
        number = number_of(node.name, self.data_type.value)
        name = f"{kind.value}{number:02d}" if number is not None else ""
        found = self.saver.get_node(self.group, name) if name and name in self.group else None
        return found if isinstance(found, CARRAY) else None

    def _error_nodes(self) -> list[CARRAY]:
        found = [self._numbered(node, DataType.error) for node in self.channels]
        nodes = [node for node in found if node is not None]
        is_error = self.data_type is DataType.error
        return nodes if len(nodes) == len(found) and not is_error else []

    def _without_background(self, node: CARRAY, values: Array) -> Array:
        background_node = self._numbered(node, DataType.bkg)
        if background_node is None:
            return values
        background = np.asarray(background_node.read())
        shape = values.shape[values.ndim - background.ndim :]
        if background.size != 1 and background.shape != shape:
            raise DataMismatchError(
                f"the background {background_node.path!r} has shape {background.shape}, "
                f"which does not fit {node.path!r} of shape {values.shape}."
            )
        # Unsigned counts minus a background may be negative.
        signed = np.result_type(values.dtype, background.dtype, np.int8)
        return np.subtract(values, background if background.size > 1 else background.reshape(-1)[0], dtype=signed)


def _values(node: CARRAY, nav_dimensions: int, record: Array | None) -> Array:
    values = np.asarray(node.read())
    if isinstance(node, EARRAY) and nav_dimensions == values.ndim - 1 and values.shape[-1] == 1:
        values = values[..., 0]  # one value a row: the signal has no dimension of its own
    if record is not None and values.dtype.kind in "fc" and values.shape[: record.ndim] == record.shape:
        values[record == 0] = np.nan
    return np.atleast_1d(values)
