"""The axes that plots are drawn over, as they were saved: asked once for all signals that share them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymodaq_data.data import Axis

from h5modules.backends import CARRAY, GROUP
from h5modules.data_saving._axes import axis_values, point_axis_name
from h5modules.data_saving._enclosing import enclosing_groups
from h5modules.saving import NAV_AXES, DataType, number_of

from ._plot import PlotAxis


@dataclass(frozen=True, slots=True)
class SavedAxis:
    """An array that holds an axis, and what is said of it.

    Attributes
    ----------
    path, number
        Where it is, and the number in its name.
    label, units, index, spread_order
        As of PyMoDAQ's `Axis`; navigation dimensions are counted in the index.
    length
        How many values it has.
    grows
        Whether it grows with the rows of a log.
    moving
        Where it is not the same at each point: the path of the array that holds it at each, and the number
        of dimensions of that one.
    """

    path: str
    number: int
    label: str
    units: str
    index: int
    spread_order: int
    length: int
    grows: bool = False
    moving: tuple[str, int] | None = None

    @classmethod
    def of(cls, axis: Axis, group: str, number: int, dimensions: int) -> SavedAxis | None:
        """Return how an axis was saved that was just written; None where it cannot be drawn over.

        Parameters
        ----------
        axis
            The axis of a point.
        group, number
            The path of the group that it lies in, and the number in its name.
        dimensions
            How many dimensions lie in front of those of a point.
        """
        if axis_values(axis).dtype.kind not in "biuf":
            return None
        path = f"{group.rstrip('/')}/{DataType.axis.value}{number:02d}"
        index = int(axis.index) + dimensions
        return cls(path, number, axis.label, axis.units, index, int(axis.spread_order), int(axis.size))

    def on(self, shape: tuple[int, ...], *, grows: bool) -> PlotAxis | None:
        """Return it as the axis of a signal of that shape; None where it does not fit.

        Where both grow, they are as long in the end.
        """
        if not 0 <= self.index < len(shape):
            return None
        if not (grows and self.grows and self.index == 0) and self.length != shape[self.index]:
            return None
        if self.moving is None:
            return PlotAxis(self.path, self.label, self.units, (self.index,))
        path, count = self.moving
        return PlotAxis(path, self.label, self.units, (*range(count - 1), self.index))


def saved_axes(group: GROUP) -> list[SavedAxis]:
    """Return the axes that are saved in a group."""
    names = group.children_name()
    found = []
    for name in names:
        number = number_of(name, DataType.axis.value)
        if number is not None:
            axis = _read(group, name, number, has_moved=point_axis_name(number) in names)
            found += [] if axis is None else [axis]
    return found


def saved_nav_axes(group: GROUP) -> list[SavedAxis]:
    """Return the axes of the scan or the log that a group belongs to."""
    for around in enclosing_groups(group):
        if NAV_AXES in around:
            found = around.get_child(NAV_AXES)
            return saved_axes(found) if isinstance(found, GROUP) else []
    return []


def axes_on(axes: Iterable[SavedAxis], shape: tuple[int, ...], *, grows: bool) -> tuple[PlotAxis, ...]:
    """Return the axes that fit a signal of that shape, those of a list of points in their order."""
    ordered = sorted(axes, key=lambda axis: (axis.spread_order, axis.number))
    return tuple(fitting for axis in ordered if (fitting := axis.on(shape, grows=grows)) is not None)


def _read(group: GROUP, name: str, number: int, *, has_moved: bool) -> SavedAxis | None:
    above, driver = group.path.rstrip("/"), group.driver
    node = CARRAY(group.to_h5_backend(), f"{above}/{name}")
    info = node.info
    if len(info.shape) != 1 or info.dtype.kind not in "biuf":
        return None
    attrs: dict[str, Any] = node.attrs.read()[0]
    moving = f"{above}/{point_axis_name(number)}"
    return SavedAxis(
        node.path,
        number,
        str(attrs.get("label", "")),
        str(attrs.get("units", "")),
        int(attrs.get("index", 0)),
        int(attrs.get("spread_order", 0)),
        info.shape[0],
        info.enlargeable,
        (moving, len(driver.array_info(moving).shape)) if has_moved else None,
    )
