"""`DataLoader`: from a node back to data, with the navigation axes that are saved elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pymodaq_data.data import Axis, DataToExport, DataWithAxes

from h5modules.backends import CARRAY, GROUP, Node, Where
from h5modules.saving import NAV_AXES, DataType

from ._assembly import Assembly
from ._axes import AxisSaverLoader
from ._errors import DataNodeError
from ._management import SaverContext, SaverOrPath, as_saver

_LOADED = (DataType.data.name, DataType.data_enlargeable.name)


class DataLoader(SaverContext):
    """Loads what was saved: arrays, their axes, those of the scan, error bars, units and all other attributes.

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file, which is opened for reading.
    swmr_mode
        Taken for PyMoDAQ's callers, without effect.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw
    >>> from h5modules.data_saving import DataSaverLoader
    >>> with DataSaverLoader(tmp_path / 'data.h5') as saver:
    ...     saver.add_data('/RawData', DataRaw('power', units='mW', data=[np.array([0.5])]))
    >>> with DataLoader(tmp_path / 'data.h5') as loader:
    ...     power = loader.load_data('/RawData/Data00')
    >>> power.units, power[0]
    ('mW', array([0.5]))
    """

    def __init__(self, h5saver: SaverOrPath, swmr_mode: bool = False) -> None:
        self._h5saver = as_saver(h5saver, mode="r", swmr_mode=swmr_mode)

    def walk_nodes(self, where: Where = "/", depth: int | None = None, only_groups: bool = False) -> Iterator[Node]:
        """Yield a node and everything below it: see `H5Backend.walk_nodes`."""
        return self._h5saver.walk_nodes(where, depth, only_groups)

    def get_nav_group(self, where: Where) -> GROUP | None:
        """Return the group of navigation axes that belongs to a node; None when there is none."""
        node: Node | None = self.get_node(where)
        while node is not None:
            if isinstance(node, GROUP) and NAV_AXES in node:
                return cast(GROUP, node.get_child(NAV_AXES))
            node = node.parent_node
        return None

    def load_data(self, where: Where, with_bkg: bool = False, load_all: bool = False) -> DataWithAxes:
        """Return the data saved at a node, with the axes of the scan that they belong to.

        Points that were not acquired read NaN where the values are floats.

        Parameters
        ----------
        where
            One array.
        with_bkg
            Subtract from each channel its own background, if it has one.
        load_all
            Load all channels that lie beside the array.

        Raises
        ------
        NodeError
            When there is no such node.
        DataNodeError
            When the node does not hold data.
        DataMismatchError
            When a background is of another shape than its channel.
        """
        assembly = Assembly.at(self._h5saver, where, all_channels=load_all)
        is_scan = bool(assembly.channels[0].attrs.get("nav_indexes"))
        nav_axes = self._nav_axes(assembly.group) if is_scan else []
        return assembly.load(with_bkg=with_bkg, nav_axes=nav_axes)

    def _nav_axes(self, where: Where) -> list[Axis]:
        group = self.get_nav_group(where)
        return [] if group is None else self.axes(group)

    def axes(self, where: Where) -> list[Axis]:
        """Return the axes in the group that `where` is or lies in."""
        return AxisSaverLoader(self._h5saver).get_axes(where)

    def load_all(
        self, where: Where = "/", data: DataToExport | None = None, with_bkg: bool = False
    ) -> DataToExport:
        """Return everything saved below a node, whatever the number of scans and equal names.

        Parameters
        ----------
        where
            Where to start.
        data
            What to add it to; a new object when None.
        with_bkg
            Subtract from each channel its own background, if it has one.
        """
        start = self.get_node(where)
        found = [self.load_data(node, with_bkg, load_all=True) for node in self._first_channels(start)]
        before = [] if data is None else data.data
        return DataToExport("Loaded data" if data is None else data.name, data=[*before, *found])

    def _first_channels(self, start: Node) -> Iterator[CARRAY]:
        seen: set[str] = set()
        for node in self.walk_nodes(start):
            group = node.path.rpartition("/")[0]
            if isinstance(node, CARRAY) and group not in seen and node.attrs.get("data_type") in _LOADED:
                seen.add(group)
                yield node

    def load_data_from_name_origin(
        self,
        name: str,
        origin: str = "",
        where: Where | None = None,
        with_bkg: bool = False,
        load_all: bool = True,
    ) -> DataWithAxes:
        """Return the first data of that name and origin, from `where` (the raw group) downwards.

        Raises
        ------
        DataNodeError
            When there are none.
        """
        start = self.raw_group if where is None else where
        for node in self._first_channels(self.get_node(start)):
            if node.title == name and node.attrs.get("origin", "") == origin:
                return self.load_data(node, with_bkg, load_all)
        raise DataNodeError(f"no data named {name!r} of origin {origin!r} below {self.get_node(start).path!r}.")


