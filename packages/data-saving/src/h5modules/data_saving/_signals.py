"""`DataSaverLoader` and its kin: a `DataWithAxes` and the arrays it is saved as, at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymodaq_data.data import Axis, DataWithAxes

from h5modules.backends import CARRAY, SaveType, Where
from h5modules.saving import DataType

from ._assembly import Assembly
from ._axes import AxisSaverLoader
from ._description import SignalDescription
from ._management import DataManagement, SaverOrPath


class DataSaverLoader(DataManagement):
    """Saves and loads `DataWithAxes` objects: an array for each channel, its axes and error bars beside it.

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.
    new_file, metadata, save_type, swmr_mode
        How to open a path: see `H5SaverLowLevel.from_file`.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import Axis, DataRaw
    >>> spectrum = DataRaw('spectrum', units='V', data=[np.ones(3)], labels=['left'],
    ...                    axes=[Axis('wavelength', 'nm', np.linspace(500, 502, 3), index=0)])
    >>> with DataSaverLoader(tmp_path / 'data.h5') as saver:
    ...     saver.add_data('/RawData', spectrum)
    ...     loaded = saver.load_data('/RawData/Data00')
    >>> loaded == spectrum, loaded.units
    (True, 'V')
    """

    data_type = DataType.data

    def __init__(
        self,
        h5saver: SaverOrPath,
        new_file: bool = False,
        metadata: dict[str, Any] | None = None,
        save_type: SaveType | str = SaveType.custom,
        swmr_mode: bool = False,
    ) -> None:
        super().__init__(h5saver, new_file, metadata, save_type, swmr_mode)
        self._axis_saver = AxisSaverLoader(self._h5saver)

    def add_data(self, where: Where, data: DataWithAxes, save_axes: bool = True, **kwargs: Any) -> None:
        """Save data in a group; the data are not changed.

        Parameters
        ----------
        where
            The group.
        data
            What to save.
        save_axes
            Whether to save its axes too.
        **kwargs
            Further attributes of the arrays.

        Raises
        ------
        DataAttributeError
            When an extra attribute has a name that the layout uses; nothing was written.
        """
        description = SignalDescription.of(data)
        for channel, values in enumerate(data.data):
            self._add_channel(where, description, channel, values, kwargs)
        if save_axes:
            for axis in data.axes:
                self._axis_saver.add_axis(where, axis)
        if data.errors is not None:
            self._add_errors(where, description, data.errors)

    def _add_channel(
        self,
        where: Where,
        description: SignalDescription,
        channel: int,
        values: np.ndarray[Any, Any],
        further: dict[str, Any],
    ) -> None:
        self._h5saver.add_array(
            where,
            self.node_name(self.next_index(where)),
            self.data_type,
            title=description.name,
            array_to_save=np.asarray(values),
            data_dimension=description.dim,
            metadata={**description.channel_attributes(channel), **further},
        )

    def _add_errors(self, where: Where, description: SignalDescription, errors: list[np.ndarray[Any, Any]]) -> None:
        saver = ErrorSaverLoader(self._h5saver)
        of_errors = description.of_errors()
        for channel, values in enumerate(errors):
            saver._add_channel(where, of_errors, channel, values, {})

    def get_axes(self, where: Where) -> list[Axis]:
        """Return the axes beside the data in the group that `where` is or lies in."""
        return self._axis_saver.get_axes(where)

    def get_bkg_nodes(self, where: Where) -> list[CARRAY]:
        """Return the background arrays in the group that `where` is or lies in."""
        return BkgSaver(self._h5saver).get_array_nodes(where)

    def load_data(self, where: Where, with_bkg: bool = False, load_all: bool = False) -> DataWithAxes:
        """Return the data saved at a node, without navigation axes that are saved elsewhere: see `DataLoader`.

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
        DataNodeError
            When the node does not hold data.
        DataMismatchError
            When a background is of another shape than its channel.
        """
        return Assembly.at(self._h5saver, where, all_channels=load_all).load(with_bkg=with_bkg)


class BkgSaver(DataSaverLoader):
    """Saves and loads backgrounds, as arrays named ``Bkg00``, ``Bkg01``, ...: see `DataSaverLoader`."""

    data_type = DataType.bkg


class ErrorSaverLoader(DataSaverLoader):
    """Saves and loads error bars, as arrays named ``ErrorBar00``, ``ErrorBar01``, ...: see `DataSaverLoader`."""

    data_type = DataType.error
