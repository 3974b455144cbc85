"""Points of many signals in one group."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from pymodaq_data.data import DataDistribution, DataWithAxes

from h5modules.backends import GROUP, Where
from h5modules.saving import H5SaverLowLevel

from ._channels import ChannelGroups, numbered_by_dim, require_distinct
from ._errors import DataMismatchError
from ._point_writer import PointWriter
from ._record import PointMarks
from ._rooms import Room
from ._signal_points import SignalPoints, show_written
from ._signals import SignalManagement


class PointGroups(ChannelGroups):
    """Makes and finds the groups of signals that come point by point, and what writes to them.

    Parameters
    ----------
    h5saver
        An open saver.
    room
        Where the points go.
    saver
        What names and finds the arrays of their values.
    """

    def __init__(self, h5saver: H5SaverLowLevel, room: Room, saver: SignalManagement) -> None:
        super().__init__(h5saver)
        self._points = SignalPoints(h5saver, room, saver)
        self._told: dict[str, dict[str, Any]] = {}
        self._told_at = h5saver.structure_changes

    @abstractmethod
    def _record(self, where: Where) -> PointMarks | None:
        """Return the record of the points of a group; None when somebody else keeps it."""

    def _tell(self, where: Where, settings_as_xml: str, further: Mapping[str, Any]) -> None:
        """Write settings and further attributes to a group, when they are others than at the point before."""
        if not settings_as_xml and not further:
            return
        attributes = {**({"settings": settings_as_xml} if settings_as_xml else {}), **further}
        if self._told_at != self._h5saver.structure_changes:  # the group may be another, in another file
            self._told, self._told_at = {}, self._h5saver.structure_changes
        path = where if isinstance(where, str) else where.path
        if self._told.get(path) != attributes:
            self.get_node(where).attrs.write(attributes)
            self._told[path] = attributes

    def point_writer(
        self,
        where: Where,
        signals: Sequence[DataWithAxes],
        distribution: DataDistribution = DataDistribution.uniform,
    ) -> PointWriter:
        """Return a writer of points like `signals`; their arrays are made, or found in the group.

        It is good until `H5SaverLowLevel.structure_changes` is another number. Flush the file before a point
        is acknowledged.

        Raises
        ------
        DataMismatchError
            When there are no signals, or the group holds something else than points of them; nothing was
            written.
        """
        require_distinct(signals)
        with self._h5saver.all_or_nothing():
            groups = self._found_groups(where, signals) or self._made_groups(where, signals)
            writers = {
                (signal.name, signal.origin): self._points.writer(group, signal, distribution)
                for signal, group in zip(signals, groups, strict=True)
            }
            record = self._record(where)
            show_written(self._h5saver, where, groups, writers.values())
            return PointWriter(writers, record)

    def _found_groups(self, where: Where, signals: Sequence[DataWithAxes]) -> list[GROUP]:
        """Return the groups of the signals when they are there already; empty when none is."""
        held = [group for _, group in self.channel_groups(where)]
        if not held:
            return []
        found = [group for signal in signals if (group := self.find_channel_group(where, signal))]
        if len(found) != len(held) or len(found) != len(signals):
            raise DataMismatchError(
                f"{self.get_node(where).path!r} in {self._h5saver.filename!r} holds the signals "
                f"{sorted(group.title for group in held)}, the point has "
                f"{sorted(signal.name for signal in signals)}; save other signals in another group."
            )
        return found

    def _made_groups(self, where: Where, signals: Sequence[DataWithAxes]) -> list[GROUP]:
        return [
            self.make_channel_group(where, dim, number, signal)
            for signal, (dim, number) in zip(signals, numbered_by_dim(signals), strict=True)
        ]
