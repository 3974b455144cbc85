"""What a file says of a signal that is to be plotted."""

from __future__ import annotations

from h5modules.backends import CARRAY, GROUP, ArrayInfo
from h5modules.data_saving._acquired import TIMESTAMPS
from h5modules.data_saving._assembly import Assembly
from h5modules.data_saving._axes import point_axis_name
from h5modules.data_saving._description import SPREAD
from h5modules.data_saving._enclosing import enclosing_groups
from h5modules.saving import NAV_AXES, DataType, number_of

from ._plot import PlotAxis, PlotChannel, PlotSignal


def is_shown(assembly: Assembly) -> bool:
    """Tell whether a signal gets a plot: the times of a scan's points do not."""
    return TIMESTAMPS[0] not in assembly.group.path.split("/")


def plot_signal(assembly: Assembly, measurement: str) -> PlotSignal:
    """Return what is to be plotted of a signal.

    Parameters
    ----------
    assembly
        The signal.
    measurement
        What it was measured in.
    """
    first, navigation = assembly.channels[0], assembly.nav_indexes
    attrs, info = first.attrs, first.info
    errors: list[str | None] = [node.path for node in assembly.error_nodes()]
    errors = errors or [None] * len(assembly.channels)
    axes = _axes_in(assembly.group, info)
    if navigation:
        axes += _nav_axes(assembly.group, info)
    return PlotSignal(
        name=first.title or first.name,
        origin=str(attrs.get("origin", "")),
        measurement=measurement,
        dimensions=len(info.shape),
        nav_indexes=navigation,
        is_spread=attrs.get("distribution") == SPREAD,
        channels=tuple(
            PlotChannel(node.path, error, str(node.attrs.get("label", "")))
            for node, error in zip(assembly.channels, errors, strict=True)
        ),
        axes=tuple(axes),
    )


def _nav_axes(group: GROUP, signal: ArrayInfo) -> list[PlotAxis]:
    for around in enclosing_groups(group):
        if NAV_AXES in around:
            found = around.get_child(NAV_AXES)
            return _axes_in(found, signal) if isinstance(found, GROUP) else []
    return []


def _axes_in(group: GROUP, signal: ArrayInfo) -> list[PlotAxis]:
    """Return the axes in a group that fit a signal, those of a list of points in their order."""
    names = group.children_name()
    numbers = {name: number_of(name, DataType.axis.value) for name in names}
    ordered = []
    for name, number in numbers.items():
        node = CARRAY(group.to_h5_backend(), f"{group.path.rstrip('/')}/{name}")
        dimension = None if number is None else _dimension(node, signal)
        if number is not None and dimension is not None:
            moving = point_axis_name(number)
            axis = _moving(group, moving, dimension) if moving in names else (node.path, (dimension,))
            label, units = (str(node.attrs.get(each, "")) for each in ("label", "units"))
            order = int(node.attrs.get("spread_order", 0))
            ordered.append((order, number, PlotAxis(axis[0], label, units, axis[1])))
    return [axis for *_, axis in sorted(ordered, key=lambda item: item[:2])]


def _dimension(axis: CARRAY, signal: ArrayInfo) -> int | None:
    """Return the dimension of a signal that an axis fits; where both grow, they are as long in the end."""
    index, info = int(axis.attrs.get("index", 0)), axis.info
    if len(info.shape) != 1 or info.dtype.kind not in "biuf" or not 0 <= index < len(signal.shape):
        return None
    grows = info.enlargeable and signal.enlargeable and index == 0
    return index if grows or info.shape[0] == signal.shape[index] else None


def _moving(group: GROUP, name: str, dimension: int) -> tuple[str, tuple[int, ...]]:
    """Return the array that holds an axis at each point, and the dimensions that it runs along."""
    path = f"{group.path.rstrip('/')}/{name}"
    count = len(group.driver.array_info(path).shape)
    return path, (*range(count - 1), dimension)
