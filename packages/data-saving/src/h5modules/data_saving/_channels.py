"""Many signals in one group: a group for each dimension, in it one for each signal (``CH00``, ...)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pymodaq_data.data import DataDim, DataToExport, DataWithAxes

from h5modules.backends import GROUP, Where

from ._errors import DataMismatchError
from ._management import SaverContext
from ._signals import BkgSaver, CompanionSaver, ErrorSaverLoader


class ChannelGroups(SaverContext):
    """Finds and makes the groups of signals: see `DataToExportSaver`.

    Parameters
    ----------
    h5saver
        An open saver.
    """

    @staticmethod
    def channel_formatter(ind: int) -> str:
        """Return the name of the group of the signal number `ind` of a dimension."""
        return f"CH{ind:02d}"

    def make_channel_group(self, where: Where, dim: str, number: int, signal: DataWithAxes) -> GROUP:
        """Return the group of a signal, made if it was not there.

        Raises
        ------
        DataMismatchError
            When another signal has that number; nothing was written.
        """
        with self._h5saver.all_or_nothing():
            dim_group = self._h5saver.get_set_group(where, dim)
            name = self.channel_formatter(number)
            group = self._h5saver.get_set_group(dim_group, name, signal.name, origin=signal.origin)
            if not _is_of(group, signal):
                raise DataMismatchError(
                    f"{group.path!r} in {self._h5saver.filename!r} holds signal {group.title!r} of "
                    f"{group.attrs.get('origin', '')!r}, not {signal.name!r} of {signal.origin!r}; "
                    "save other signals in another group."
                )
        return group

    def channel_groups(self, where: Where) -> Iterator[tuple[str, GROUP]]:
        """Yield dimension and group of each signal that is in a group already."""
        above = self.get_node(where)
        for dim in DataDim.names():
            if isinstance(above, GROUP) and dim in above:
                dim_group = above.get_child(dim)
                children = dim_group.iter_children() if isinstance(dim_group, GROUP) else ()
                yield from ((dim, child) for _, child in children if isinstance(child, GROUP))

    def find_channel_group(self, where: Where, signal: DataWithAxes) -> GROUP | None:
        """Return the group of a signal; None when it is not there."""
        found = self.channel_groups(where)
        return next((group for dim, group in found if dim == signal.dim.name and _is_of(group, signal)), None)

    def add_bkg(self, where: Where, data: DataToExport) -> None:
        """Save the backgrounds of the signals saved in a group, channel by channel.

        Parameters
        ----------
        where
            The group.
        data
            The backgrounds, each of the name and origin of its signal.

        Raises
        ------
        DataMismatchError
            When a signal is not there, has another shape, or a background already; nothing was written.
        """
        self._add_beside(where, data, BkgSaver(self._h5saver))

    def add_error(self, where: Where, data: DataToExport) -> None:
        """Save the error bars of the signals saved in a group, when they do not come with them.

        Arguments and errors are those of `add_bkg`.
        """
        self._add_beside(where, data, ErrorSaverLoader(self._h5saver))

    def _add_beside(self, where: Where, data: DataToExport, saver: CompanionSaver) -> None:
        with self._h5saver.all_or_nothing():
            for companion in data.data:
                group = self.find_channel_group(where, companion)
                if group is None:
                    raise DataMismatchError(
                        f"{self.get_node(where).path!r} in {self._h5saver.filename!r} holds no signal "
                        f"{companion.name!r} of {companion.origin!r} that this could belong to."
                    )
                saver.add_data(group, companion)


def _is_of(group: GROUP, signal: DataWithAxes) -> bool:
    origin = group.attrs.get("origin", signal.origin)
    return group.title == signal.name and bool(origin == signal.origin)


def numbered_by_dim(signals: Sequence[DataWithAxes]) -> list[tuple[str, int]]:
    """Return for each signal the name of its dimension, and its number among those of that dimension."""
    counts = dict.fromkeys(DataDim.names(), 0)
    numbered = []
    for signal in signals:
        dim = signal.dim.name
        numbered.append((dim, counts[dim]))
        counts[dim] += 1
    return numbered


def require_distinct(signals: Sequence[DataWithAxes]) -> None:
    """Make sure that there are signals, and that they can be told apart.

    Raises
    ------
    DataMismatchError
        When there is none, or two have the same name and origin.
    """
    if not signals:
        raise DataMismatchError("there is nothing to save in the point: it has no signals.")
    keys = [(signal.name, signal.origin) for signal in signals]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        name, origin = twice[0]
        raise DataMismatchError(f"two signals of one point are named {name!r}, of origin {origin!r}.")
