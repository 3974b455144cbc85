"""`DataSaverLoader` and its kin: a `DataWithAxes` and the arrays it is saved as, at once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from pymodaq_data.data import Axis, DataWithAxes

from h5modules.backends import CARRAY, GROUP, SaveType, Where
from h5modules.saving import DataType

from ._assembly import Assembly, times_saved
from ._axes import AxisSaverLoader
from ._description import SignalDescription
from ._errors import DataMismatchError, DataWarning
from ._fitting import without_mask
from ._management import DataManagement, SaverOrPath
from .nexus import show_groups, show_signals

Array = np.ndarray[Any, Any]


class SignalManagement(DataManagement):
    """Loads signals, and saves their channels one by one: see `DataSaverLoader`.

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.
    new_file, metadata, save_type, swmr_mode
        How to open a path: see `H5SaverLowLevel.from_file`.
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

    def add_channel(
        self, where: Where, number: int, description: SignalDescription, channel: int, values: Array
    ) -> CARRAY:
        """Save the values of one channel as the array of that number.

        Parameters
        ----------
        where, number
            The group, and the number in the array's name.
        description, channel
            The signal, and which of its channels it is.
        values
            The values.
        """
        return self._h5saver.add_array(
            where,
            self.node_name(number),
            self.data_type,
            title=description.name,
            array_to_save=values,
            data_dimension=description.dim,
            metadata=description.channel_attributes(channel),
        )

    def get_axes(self, where: Where) -> list[Axis]:
        """Return the axes beside the data in the group that `where` is or lies in."""
        return self._axis_saver.get_axes(where)

    def get_bkg_nodes(self, where: Where) -> list[CARRAY]:
        """Return the background arrays in the group that `where` is or lies in."""
        return BkgSaver(self._h5saver).get_array_nodes(where)

    def get_data_arrays(self, where: Where, with_bkg: bool = False, load_all: bool = False) -> list[Array]:
        """Return the values alone: arguments and errors are those of `load_data`."""
        return list(self.load_data(where, with_bkg, load_all).data)

    def load_data(self, where: Where, with_bkg: bool = False, load_all: bool = False) -> DataWithAxes:
        """Return the data saved at a node; navigation axes that are saved elsewhere need a `DataLoader`.

        Parameters
        ----------
        where
            One array.
        with_bkg
            Subtract from each channel its own background, if it has one.
        load_all
            Load all channels of the signal that the array belongs to.

        Raises
        ------
        DataNodeError
            When the node does not hold data.
        DataMismatchError
            When a background is of another shape than its channel.
        """
        return Assembly.at(self._h5saver, where, all_channels=load_all).open(with_bkg=with_bkg).load()


class DataSaverLoader(SignalManagement):
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

    def add_data(self, where: Where, data: DataWithAxes, save_axes: bool = True, **kwargs: Any) -> None:
        """Save data in a group; the data are not changed.

        A group can hold several signals when they have the same axes, and one signal several times.
        Masked floats are saved as NaN.

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
        DataMismatchError
            When the group holds signals with other axes; nothing was written.
        DataAttributeError
            When an extra attribute has a name that the layout uses; nothing was written.
        ArrayTypeError, AttributeValueError
            When HDF5 cannot hold the values, or an extra attribute, or integers are masked; nothing was
            written.
        """
        described = SignalDescription.of(data, kwargs)
        with self._h5saver.all_or_nothing():
            first = self.next_index(where)
            description = replace(described, again=self._times_saved(where, first, described))
            if save_axes:
                self._axis_saver.require_axes(where, data.axes, can_add=first == 0)
            channels = [
                self.add_channel(where, first + channel, description, channel, without_mask(values))
                for channel, values in enumerate(data.data)
            ]
            self._add_errors(where, first, description, data.errors or ())
            self._show(where, channels)

    def _times_saved(self, where: Where, first: int, description: SignalDescription) -> int:
        # Asked of the array before alone: what else is in between tells two savings apart, too.
        group = self.get_node(where)
        before = group.find(self.node_name(first - 1)) if first and isinstance(group, GROUP) else None
        return times_saved(before, description) if isinstance(before, CARRAY) else 0

    def _show(self, where: Where, channels: Sequence[CARRAY]) -> None:
        """Let other programs plot what was saved."""
        group = self.get_node(where)
        if isinstance(group, GROUP):
            show_signals(self._h5saver, [Assembly(self._h5saver, group, tuple(channels), self.data_type)])

    def _add_errors(
        self, where: Where, first: int, description: SignalDescription, errors: Sequence[Array]
    ) -> None:
        # Their numbers are those of the channels they belong to.
        saver = ErrorSaverLoader(self._h5saver)
        for channel, values in enumerate(errors):
            saver.add_channel(where, first + channel, description.of_errors(), channel, without_mask(values))


class CompanionSaver(DataSaverLoader):
    """Saves what belongs to the signal in a group: an array for each of its channels, of the same number.

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.
    new_file, metadata, save_type, swmr_mode
        How to open a path: see `H5SaverLowLevel.from_file`.
    """

    _noun: ClassVar[str]

    def add_data(self, where: Where, data: DataWithAxes, save_axes: bool = False, **kwargs: Any) -> None:
        """Save it; error bars of its own are left out, with a `DataWarning`.

        Parameters
        ----------
        where, data, kwargs
            As for `DataSaverLoader.add_data`.
        save_axes
            Whether to save its axes; they are those of the signal.

        Raises
        ------
        DataMismatchError
            When there is such a thing already, or the signal has another shape; nothing was written.
        """
        held = self.get_last_node_name(where)
        if held is not None:
            group = self.get_node(where).path
            raise DataMismatchError(f"there is {self._noun} already: {held!r} in {group!r}.")
        for node in DataSaverLoader(self._h5saver).get_array_nodes(where):
            shapes = self._shapes_for(node.shape, len(node.attrs.get("nav_indexes") or ()))
            if data.shape not in shapes:
                raise DataMismatchError(
                    f"{data.name!r} of shape {data.shape} does not fit {node.path!r} of shape {node.shape}."
                )
        if data.errors is not None:
            message = f"{data.name!r} is saved without its error bars: they have no place."
            warnings.warn(message, DataWarning, stacklevel=2)
        super().add_data(where, data, save_axes, **kwargs)

    def _shapes_for(self, shape: tuple[int, ...], nav_dimensions: int) -> set[tuple[int, ...]]:
        """Return the shapes that go with a signal of that shape."""
        return {shape}

    def _add_errors(
        self, where: Where, first: int, description: SignalDescription, errors: Sequence[Array]
    ) -> None:
        """Leave them out: ``ErrorBar00`` are those of the signal."""

    def _show(self, where: Where, channels: Sequence[CARRAY]) -> None:
        """Show nothing: it is no signal of its own."""


class ErrorSaverLoader(CompanionSaver):
    """Saves and loads error bars, as arrays named ``ErrorBar00``, ...: those of the channel ``Data00``."""

    data_type = DataType.error
    _noun = "an array of error bars"

    def _show(self, where: Where, channels: Sequence[CARRAY]) -> None:
        show_groups(self._h5saver, [where])


class BkgSaver(CompanionSaver):
    """Saves and loads backgrounds, as arrays named ``Bkg00``, ...: that of the channel ``Data00``.

    The background of a scan may be that of one of its points, and holds for all of them then.
    """

    data_type = DataType.bkg
    _noun = "a background"

    def _shapes_for(self, shape: tuple[int, ...], nav_dimensions: int) -> set[tuple[int, ...]]:
        return {shape, shape[nav_dimensions:] or (1,)}
