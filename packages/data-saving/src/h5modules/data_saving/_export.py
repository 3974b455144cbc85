"""`DataToExportSaver`: many signals at once, each in a channel group of its own."""

from __future__ import annotations

from typing import Any

from pymodaq_data.data import DataToExport

from h5modules.backends import SaveType, Where

from ._bundle import DataBundle
from ._channels import ChannelGroups, numbered_by_dim
from ._management import SaverOrPath, as_saver
from ._signals import DataSaverLoader


class DataToExportSaver(ChannelGroups):
    """Saves `DataToExport` objects: a group for each dimension, in it one for each signal (``CH00``, ...).

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.
    save_type, new_file, metadata
        How to open a path: see `H5SaverLowLevel.from_file`.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw, DataToExport
    >>> point = DataToExport('point', data=[DataRaw('power', data=[np.array([0.5])]),
    ...                                     DataRaw('frame', data=[np.ones((4, 5))])])
    >>> with DataToExportSaver(tmp_path / 'point.h5') as saver:
    ...     saver.add_data('/RawData', point)
    ...     saver.get_node('/RawData/Data2D/CH00/Data00').shape
    (4, 5)
    """

    def __init__(
        self,
        h5saver: SaverOrPath,
        save_type: SaveType | str = SaveType.custom,
        new_file: bool = False,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(as_saver(h5saver, save_type=save_type, new_file=new_file, metadata=metadata))

    def add_data(self, where: Where, data: DataToExport, settings_as_xml: str = "", **kwargs: Any) -> None:
        """Save all signals in a group, or none; the data are not changed.

        When it returns, they are in the operating system's hands.

        Parameters
        ----------
        where
            The group.
        data
            What to save.
        settings_as_xml
            Settings, kept as an attribute of the group.
        **kwargs
            Further attributes of the arrays.

        Raises
        ------
        DataMismatchError
            When the group holds other signals; nothing was written.
        DataAttributeError, ArrayTypeError, AttributeValueError
            See `DataSaverLoader.add_data`.
        """
        saver = DataSaverLoader(self._h5saver)
        signals = data.data
        with self._h5saver.all_or_nothing():
            for signal, (dim, number) in zip(signals, numbered_by_dim(signals), strict=True):
                saver.add_data(self.make_channel_group(where, dim, number, signal), signal, **kwargs)
            if settings_as_xml:
                self.get_node(where).attrs["settings"] = settings_as_xml
        self.flush()

    def add_data_bundle(self, data: DataBundle) -> None:
        """Save what a bundle holds: see `add_data`.

        Raises
        ------
        DataMismatchError
            When the bundle does not say where.
        """
        self.add_data(data.told("node"), data.dte, data.settings)
