"""`AxisSaverLoader`: an `Axis` and the array it is saved as."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from pymodaq_data.data import Axis

from h5modules.backends import CARRAY, Where
from h5modules.saving import DataType

from ._errors import DataMismatchError, DataNodeError, DataWarning
from ._management import DataManagement

Array = np.ndarray[Any, Any]

_STRAIGHT = 1e-6
"""How far values may lie off equal steps, in steps, to be shown as an offset and a scaling."""

_ROUNDINGS = 4
"""How far the same values, calculated in two ways, lie apart at most, in last places of the largest."""


_GROWING = {"size": 0, "offset": None, "scaling": None, "distribution": "spread"}
"""What is said of an axis whose values are to come."""


POINT_AXIS = "PointAxis"
"""How the name begins of an array that holds the values of an axis at each point."""


def point_axis_name(number: int) -> str:
    """Return the name of the array with the values at each point of the axis of that number."""
    return f"{POINT_AXIS}{number:02d}"


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

        Raises
        ------
        DataMismatchError
            When the axis has no values; nothing was written.
        """
        values = axis_values(axis)
        attributes = axis_attributes(axis)
        with self._h5saver.lock:
            return self._h5saver.add_array(
                where,
                self.node_name(self.next_index(where)),
                self.data_type,
                title=axis.label,
                array_to_save=values,
                data_dimension="Data1D",
                enlargeable=enlargeable,
                metadata={**attributes, **_GROWING} if enlargeable else attributes,
            )

    def load_axis(self, where: Where) -> Axis:
        """Return the axis saved at a node, with its values as they are in the file.

        Raises
        ------
        DataNodeError
            When the node is not an axis.
        """
        node = self.get_node(where)
        attrs: dict[str, Any] = {}
        values = None
        if isinstance(node, CARRAY):
            attrs, _ = node.attrs.read()
            values = np.reshape(node.read(), -1) if attrs.get("data_type") == self.data_type.name else None
        if values is None or values.dtype.kind not in "biufc":
            raise DataNodeError(f"{node.path!r} in {self._h5saver.filename!r} is not an axis.")
        return _assembled(
            Axis(
                str(attrs.get("label", "")),
                index=int(attrs.get("index", 0)),
                spread_order=int(attrs.get("spread_order", 0)),
            ),
            str(attrs.get("units", "")),
            values,
            _straight_as_saved(values, attrs.get("offset"), attrs.get("scaling")) or _straight(values),
        )

    def get_axes(self, where: Where) -> list[Axis]:
        """Return the axes in the group that `where` is or lies in."""
        return [self.load_axis(node) for node in self.get_array_nodes(where)]

    def require_axes(self, where: Where, axes: Iterable[Axis], *, can_add: bool) -> None:
        """Make sure that a group holds just these axes, saving those that are not there yet.

        Parameters
        ----------
        where
            The group.
        axes
            The axes.
        can_add
            Whether axes may be added, because nothing else in the group belongs to its axes yet.

        Raises
        ------
        DataMismatchError
            When the group holds another axis, or one is missing that may not be added; nothing was written.
        """
        group = self.get_node(where)
        missing = list(axes)
        for held in self.numbered_axes(group).values():
            same = next((axis for axis in missing if is_same_axis(axis, held)), None)
            if same is None:
                raise self.contradiction(group, held)
            missing = [axis for axis in missing if axis is not same]
        if missing and not can_add:
            raise self.contradiction(group, missing[0])
        for axis in missing:
            self.add_axis(group, axis)

    def numbered_axes(self, where: Where) -> dict[int, Axis]:
        """Return the axes in a group, by the numbers in their names."""
        # By name, not by listing the group: it may hold hundreds of arrays.
        group = self.get_node(where).path.rstrip("/")
        paths = {number: f"{group}/{self.node_name(number)}" for number in range(self.next_index(where))}
        driver = self._h5saver.driver
        return {
            number: self.load_axis(path) for number, path in paths.items() if driver.kind(path) is not None
        }

    def contradiction(self, where: Where, axis: Axis) -> DataMismatchError:
        """Return the error that tells that a group has other axes than some data."""
        return DataMismatchError(
            f"the axes in {self.get_node(where).path!r} of {self._h5saver.filename!r} are not those of these "
            f"data: {axis.label!r} (dimension {axis.index}, {axis.size} values) belongs to one of them only. "
            "Save these data in another group."
        )


def make_axis(label: str, units: str, values: Array, index: int = 0, spread_order: int = 0) -> Axis:
    """Return an axis that keeps its values.

    PyMoDAQ's `Axis` takes values for equally spaced when their steps differ by less than 1e-8, whatever the
    unit, and forgets them: a delay in seconds, or a position in metres, becomes another. This one forgets
    only what an offset and a step give back, but for the rounding of floats.

    Parameters
    ----------
    label, index, spread_order
        As of `Axis`.
    units
        The unit; one that cannot be parsed is left out, with a `DataWarning`.
    values
        The coordinates, 1D; as integers or floats.

    Examples
    --------
    >>> import numpy as np
    >>> delays = np.array([0.0, 1e-12, 5e-12])
    >>> make_axis('delay', 's', delays).get_data()
    array([0.e+00, 1.e-12, 5.e-12])
    """
    bare = Axis(label, index=index, spread_order=spread_order)
    return _assembled(bare, units, values, _straight(values))


def _assembled(axis: Axis, units: str, values: Array, straight: tuple[float, float] | None) -> Axis:
    """Give a bare axis its values, or its offset and step, and its unit."""
    if straight is not None:
        axis.size = values.size
        axis.offset, axis.scaling = straight
    else:
        axis = with_values(axis, values)  # given to the constructor they would be forgotten
    try:
        axis.force_units(units)
    except Exception as error:  # noqa: BLE001 - pint raises about anything at a text that it cannot parse
        message = (
            f"the axis {axis.label!r} comes without its unit {units!r}, which cannot be parsed: {error!r}"
        )
        warnings.warn(message, DataWarning, stacklevel=3)
    return axis


def _straight(values: Array) -> tuple[float, float] | None:
    """Return offset and step of equally spaced values; None when they are not."""
    if values.dtype.kind not in "iuf":
        return None
    if values.size < 2:
        return (float(values[0]) if values.size else 0.0), 1.0
    with np.errstate(all="ignore"):
        first, last = float(values[0]), float(values[-1])
        return _if_straight(values, first, (last - first) / (values.size - 1))


def _straight_as_saved(values: Array, offset: Any, scaling: Any) -> tuple[float, float] | None:
    """Return the offset and step that were saved beside the values, when they tell the same."""
    if not (isinstance(offset, float) and isinstance(scaling, float) and values.dtype.kind in "iuf"):
        return None  # PyMoDAQ saves those of an axis that grew later, too
    return _if_straight(values, offset, scaling)


def _if_straight(values: Array, offset: float, scaling: float) -> tuple[float, float] | None:
    with np.errstate(all="ignore"):
        line = offset + scaling * np.arange(values.size)
        if values.dtype.kind == "f":
            exact = values.astype(np.float64)
            is_near = bool(np.all(np.abs(line - exact) <= _STRAIGHT * abs(scaling)))
            is_straight = is_near and _is_rounded_alike(line, exact)
        else:
            is_straight = np.array_equal(line.astype(values.dtype), values) and np.array_equal(line, values)
    return (float(offset), float(scaling)) if is_straight else None


def _is_rounded_alike(left: Array, right: Array) -> bool:
    """Tell whether values are the same, or were rounded differently when they were calculated."""
    with np.errstate(all="ignore"):
        limit = _ROUNDINGS * np.spacing(float(np.max(np.abs(right)))) if right.size else 0.0
        return bool(np.all(np.abs(left - right) <= limit))


def axis_values(axis: Axis) -> Array:
    """Return the coordinates of an axis.

    Raises
    ------
    DataMismatchError
        When it has none.
    """
    if axis.data is None and (axis.offset is None or axis.scaling is None):
        raise DataMismatchError(f"the axis {axis.label!r} has no values.")
    return np.asarray(axis.get_data())


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


def is_same_axis(left: Axis, right: Axis) -> bool:
    """Tell whether two axes agree in everything, but for the rounding of their values."""
    return is_like_axis(left, right) and (
        has_same_values(left, right) or _is_rounded_alike(axis_values(left), axis_values(right))
    )


def has_same_values(left: Axis, right: Axis) -> bool:
    """Tell whether two axes have exactly the same values; NaN is the same as NaN."""
    if left is right:
        return True
    if left.data is None and right.data is None:  # no need to make the values
        return _is_same(left.offset, right.offset) and _is_same(left.scaling, right.scaling)
    return np.array_equal(left.get_data(), right.get_data(), equal_nan=True)


def _is_same(left: float, right: float) -> bool:
    return bool(left == right or (left != left and right != right))


def is_like_axis(left: Axis, right: Axis) -> bool:
    """Tell whether two axes agree in everything but their values."""
    return left is right or axis_identity(left) == axis_identity(right)


def axis_identity(axis: Axis) -> tuple[str, str, int, int, int]:
    """Return all of an axis but its values."""
    return axis.label, axis.units, int(axis.index), int(axis.spread_order), int(axis.size)


def with_values(axis: Axis, values: Array) -> Axis:
    """Return a copy of an axis that holds these values, and no line in their stead."""
    kept = axis.copy()
    with np.errstate(all="ignore"):
        kept.data = values
    kept.offset = kept.scaling = None
    return kept


def shifted(axis: Axis, dimensions: int) -> Axis:
    """Return a copy of a signal's axis, for data with that many more dimensions in front."""
    moved = axis.copy()
    moved.index = axis.index + dimensions
    return moved
