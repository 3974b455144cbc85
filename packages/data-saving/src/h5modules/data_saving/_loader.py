"""`DataLoader`: from a node back to data, with the navigation axes that are saved elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from pymodaq_data.data import Axis, DataToExport, DataWithAxes

from h5modules.backends import CARRAY, GROUP, Node, ShownInNotebooks, Where
from h5modules.saving import NAV_AXES

from ._acquired import acquired_points
from ._assembly import MEASURED, Assembly
from ._axes import AxisSaverLoader
from ._enclosing import enclosing_groups
from ._errors import DataNodeError, ScanIndexError
from ._lazy import LazyData
from ._management import SaverContext, SaverOrPath, as_saver
from ._named import first_named
from ._parts import whole_part

if TYPE_CHECKING:
    import xarray


class DataLoader(ShownInNotebooks, SaverContext):
    """Loads what was saved: arrays, their axes, those of the scan, error bars, units and other attributes.

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
        super().__init__(as_saver(h5saver, mode="r", swmr_mode=swmr_mode))

    def walk_nodes(
        self, where: Where = "/", depth: int | None = None, only_groups: bool = False
    ) -> Iterator[Node]:
        """Yield a node and everything below it: see `H5Backend.walk_nodes`."""
        return self._h5saver.walk_nodes(where, depth, only_groups)

    def get_nav_group(self, where: Where) -> GROUP | None:
        """Return the group of navigation axes that belongs to a node; None when there is none."""
        for group in enclosing_groups(self._group_of(where)):
            if NAV_AXES in group:
                found = group.get_child(NAV_AXES)
                return found if isinstance(found, GROUP) else None
        return None

    def _group_of(self, where: Where) -> GROUP | None:
        node = self.get_node(where)
        return node if isinstance(node, GROUP) else node.parent_node

    @overload
    def load_data(
        self,
        where: Where,
        with_bkg: bool = False,
        load_all: bool = False,
        *,
        masked: bool = False,
        lazy: Literal[False] = False,
    ) -> DataWithAxes: ...
    @overload
    def load_data(
        self,
        where: Where,
        with_bkg: bool = False,
        load_all: bool = False,
        *,
        masked: bool = False,
        lazy: Literal[True],
    ) -> LazyData: ...
    def load_data(
        self,
        where: Where,
        with_bkg: bool = False,
        load_all: bool = False,
        *,
        masked: bool = False,
        lazy: bool = False,
    ) -> DataWithAxes | LazyData:
        """Return the data saved at a node, with the axes of the scan that they belong to.

        Points that were not acquired read NaN where the values are floats; `load_acquired` tells which.

        Parameters
        ----------
        where
            One array.
        with_bkg
            Subtract from each channel its own background, if it has one.
        load_all
            Load all channels of the signal that the array belongs to.
        masked
            Give masked arrays, in which the points that were not acquired are masked, whatever their dtype.
        lazy
            Read no values yet: return `LazyData`, which reads the parts that it is asked for.

        Raises
        ------
        NodeError
            When there is no such node.
        DataNodeError
            When the node does not hold data.
        DataMismatchError
            When a background is of another shape than its channel.
        """
        found = Assembly.at(self._h5saver, where, all_channels=load_all)
        opened = self._open(found, with_bkg, masked)
        return opened if lazy else opened.load()

    def _open(self, assembly: Assembly, with_bkg: bool = False, masked: bool = False) -> LazyData:
        nav_axes = self._nav_axes(assembly.group) if assembly.nav_indexes else []
        return assembly.open(with_bkg=with_bkg, masked=masked, nav_axes=nav_axes)

    def load_point(self, where: Where, indexes: Iterable[int], with_bkg: bool = False) -> DataWithAxes:
        """Return all channels of one point of a scan, or of one row of a log, with the axes that it had.

        Parameters
        ----------
        where
            One array of the signal.
        indexes
            Which point: one whole number for each dimension of the scan.
        with_bkg
            Subtract from each channel its own background, if it has one.

        Raises
        ------
        DataNodeError
            When the node does not hold data of a scan or log.
        ScanIndexError
            When the point lies outside of the scan, or was not acquired.
        """
        lazy = self._open(Assembly.at(self._h5saver, where, all_channels=True), with_bkg)
        index = lazy.point_index(indexes)
        if lazy.points is not None and not lazy.points.read(index):
            raise ScanIndexError(f"point {index} of {lazy.path!r} was not acquired.")
        return lazy[index]

    def load_point_axes(self, where: Where) -> dict[int, np.ndarray[Any, Any]]:
        """Return the values of the axes that are not the same at each point of a scan, at every point.

        Parameters
        ----------
        where
            One array of the signal.

        Returns
        -------
        By the dimension of the data that an axis belongs to (`Axis.index` in what `load_data` returns), an
        array of the shape of the scan followed by the length of the axis. Values of points that were not
        acquired are NaN. Empty when no axis moved.

        Raises
        ------
        DataNodeError
            When the node does not hold data.
        """
        lazy = self._open(Assembly.at(self._h5saver, where, all_channels=False))
        return {axis.index: values.read(whole_part(values.shape)) for axis, values in lazy.moving_axes()}

    def _nav_axes(self, where: Where) -> list[Axis]:
        group = self.get_nav_group(where)
        return [] if group is None else self.axes(group)

    def axes(self, where: Where) -> list[Axis]:
        """Return the axes in the group that `where` is or lies in."""
        return AxisSaverLoader(self._h5saver).get_axes(where)

    def load_acquired(self, where: Where) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
        """Return which points of the scan that a node belongs to were acquired.

        Returns
        -------
        An array of bool of the shape of the scan, made from its record of points done, or from the times
        that PyMoDAQ keeps; None where neither is there, as for data that belong to no scan.
        """
        points = acquired_points(self._group_of(where))
        return None if points is None else points.read()

    def load_all(
        self,
        where: Where = "/",
        data: DataToExport | None = None,
        with_bkg: bool = False,
        *,
        masked: bool = False,
    ) -> DataToExport:
        """Return everything saved below a node, whatever the number of scans and equal names.

        Parameters
        ----------
        where
            Where to start.
        data
            What to add it to, and to return; a new object when None.
        with_bkg
            Subtract from each channel its own background, if it has one.
        masked
            Give masked arrays: see `load_data`.
        """
        found = [self._open(assembly, with_bkg, masked).load() for assembly in self.signals(where)]
        if data is None:
            return DataToExport("Loaded data", data=found)
        data.data = [*data.data, *found]
        return data

    def signals(self, where: Where = "/") -> Iterator[Assembly]:
        """Yield the signals below a node: what `load_all` loads."""
        start = self.get_node(where)
        if isinstance(start, GROUP):
            for group in self._h5saver.walk_groups(start):
                yield from Assembly.all_in(self._h5saver, group, MEASURED)
        elif isinstance(start, CARRAY):
            yield Assembly.at(self._h5saver, start, all_channels=True)

    def to_xarray(
        self, where: Where, chunks: int | str | Mapping[str, int] | None = "auto"
    ) -> xarray.Dataset:
        """Return the signal at a node as a Dataset of xarray, whose values are read when they are computed.

        Each channel is a variable of the name of its label; its error bars and its background are variables
        beside it (``_error``, ``_bkg``); axes are coordinates, with their units as attributes; ``acquired``
        tells which points of the scan were acquired. It needs the extra ``xarray``.

        Parameters
        ----------
        where
            One array of the signal; or a group that holds one signal.
        chunks
            How dask cuts the values, as in `xarray.Dataset.chunk`; None is without dask.

        Raises
        ------
        DataNodeError
            When the node does not hold data, or several signals.
        """
        from .xarray import to_dataset

        assembly = self._one_signal(where)
        dataset = to_dataset(self._open(assembly), assembly.backgrounds())
        return dataset if chunks is None else dataset.chunk(chunks)

    def _one_signal(self, where: Where) -> Assembly:
        node = self.get_node(where)
        if not isinstance(node, GROUP):
            return Assembly.at(self._h5saver, node, all_channels=True)
        found = list(self.signals(node))
        if len(found) != 1:
            paths = ", ".join(repr(each.channels[0].path) for each in found[:10])
            raise DataNodeError(
                f"{node.path!r} in {self._h5saver.filename!r} holds {len(found)} signals, not one; "
                f"name one of: {paths}."
            )
        return found[0]

    def load_data_from_name_origin(
        self,
        name: str,
        origin: str = "",
        where: Where | None = None,
        with_bkg: bool = False,
        load_all: bool = True,
    ) -> DataWithAxes:
        """Return the first data of that name and origin, from `where` (the raw group) downwards.

        Where there are more, such as in a file of several scans, `DataWarning` tells which was taken, and how
        to choose.

        Parameters
        ----------
        name, origin
            As of the data; without `origin`, of data that have none.
        where
            Where to start: the group of one scan, for the data of that scan.
        with_bkg
            Subtract from each channel its own background, if it has one.
        load_all
            Load all channels, and not the first alone.

        Raises
        ------
        DataMissingError
            When there are none; it names what there is.
        """
        start = self.raw_group if where is None else self.get_node(where)
        place = f"{start.path!r} in {self._h5saver.filename!r}"
        assembly = first_named(self.signals(start), name, origin, place)
        if load_all:
            return self._open(assembly, with_bkg).load()
        return self.load_data(assembly.channels[0], with_bkg)
