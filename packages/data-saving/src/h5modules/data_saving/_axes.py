"""`AxisSaverLoader`: an `Axis` and the array it is saved as."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymodaq_data.data import Axis

from h5modules.backends import CARRAY, Where
from h5modules.saving import DataType

from ._errors import DataNodeError
from ._management import DataManagement


class AxisSaverLoader(DataManagement):
    """Saves and loads `Axis` objects, as arrays named ``Axis00``, ``Axis01``, ...

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import Axis
    >>> with AxisSaverLoader(tmp_path / 'axes.h5') as saver:
    ...     node = saver.add_axis('/RawData', Axis('delay', 'ps', np.array([0.0, 1.0, 10.0])))
    ...     saver.load_axis(node).get_data()
    array([ 0.,  1., 10.])
    """

    data_type = DataType.axis

    def add_axis(self, where: Where, axis: Axis, enlargeable: bool = False) -> CARRAY:
        """Save an axis; the axis itself is not changed.

        Parameters
        ----------
        where
            The group to save it in.
        axis
            What to save.
        enlargeable
            Make an empty array, to which values are appended.

        Returns
        -------
        The array it was saved as.
        """
        return self._h5saver.add_array(
            where,
            self.node_name(self.next_index(where)),
            self.data_type,
            title=axis.label,
            array_to_save=np.asarray(axis.get_data()),
            data_shape=() if enlargeable else None,
            data_dimension="Data1D",
            enlargeable=enlargeable,
            metadata=axis_attributes(axis),
        )

    def load_axis(self, where: Where) -> Axis:
        """Return the axis saved at a node.

        Raises
        ------
        DataNodeError
            When the node is not an axis.
        """
        node = self.get_node(where)
        if not (isinstance(node, CARRAY) and self.is_of_type(node)):
            raise DataNodeError(f"{node.path!r} in {self._h5saver.filename!r} is not an axis.")
        attrs = node.attrs
        return Axis(
            label=str(attrs.get("label", "")),
            units=str(attrs.get("units", "")),
            data=np.atleast_1d(node.read()).reshape(-1),
            index=int(attrs.get("index", 0)),
            spread_order=int(attrs.get("spread_order", 0)),
        )

    def get_axes(self, where: Where) -> list[Axis]:
        """Return the axes in the group that `where` is or lies in."""
        return [self.load_axis(node) for node in self.get_array_nodes(where)]


def axis_attributes(axis: Axis) -> dict[str, Any]:
    """Return the attributes that describe an axis in a file."""
    is_linear = axis.size < 2 or bool(axis.is_axis_linear())
    return {
        "size": int(axis.size),
        "label": axis.label,
        "units": axis.units,
        "index": int(axis.index),
        "offset": None if axis.offset is None else float(axis.offset),
        "scaling": None if axis.scaling is None else float(axis.scaling),
        "distribution": "uniform" if is_linear else "spread",
        "spread_order": int(axis.spread_order),
    }


def shifted(axis: Axis, dimensions: int) -> Axis:
    """Return a copy of a signal's axis, for data with that many more dimensions in front."""
    moved = axis.copy()
    moved.index = axis.index + dimensions
    return moved
