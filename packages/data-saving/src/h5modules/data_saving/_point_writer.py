"""Writing points of several signals, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from pymodaq_data.data import DataWithAxes

from ._channels import require_distinct
from ._errors import DataMismatchError
from ._record import PointMarks
from ._signal_points import SignalWriter


class PointWriter:
    """Writes the points of all signals of one group.

    Parameters
    ----------
    writers
        The writer of each signal, by name and origin.
    record
        The record of points done; None when somebody else keeps it.
    """

    def __init__(self, writers: dict[tuple[str, str], SignalWriter], record: PointMarks | None) -> None:
        self._writers = writers
        self._record = record

    def require(self, signals: Sequence[DataWithAxes]) -> None:
        """Make sure that a point is like the first.

        Raises
        ------
        DataMismatchError
            When there are more or fewer signals, others, or one is not like the first.
        """
        require_distinct(signals)
        writers = self._writers
        if len(signals) != len(writers):
            raise DataMismatchError(f"the first point has {len(writers)} signals, this one {len(signals)}.")
        for signal in signals:
            writer = writers.get((signal.name, signal.origin))
            if writer is None:
                raise DataMismatchError(
                    f"the first point has no signal {signal.name!r} of {signal.origin!r}."
                )
            writer.require(signal)

    def write(self, index: tuple[int, ...], signals: Sequence[DataWithAxes]) -> None:
        """Write a point that `require` accepted, then mark it as acquired."""
        if self._record is not None:
            self._record.begin(index)
        for signal in signals:
            self._writers[signal.name, signal.origin].write(index, signal)
        if self._record is not None:
            self._record.mark(index)
