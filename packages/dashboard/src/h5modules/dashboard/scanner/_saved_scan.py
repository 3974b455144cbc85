"""The last scan of a file: how far it is, and what it takes to go on with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from pymodaq_data.data import Axis

from h5modules.backends import GROUP, FileState
from h5modules.browsing.qt import ScanProgress
from h5modules.dashboard._errors import ResumeError
from h5modules.data_saving import AxisSaverLoader, DataLoader, DataMissingError
from h5modules.saving import NAV_AXES, H5SaverLowLevel, count_points, record_of

from ._plan import PLAN_NAME, ScanPlan

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class SavedScan:
    """The last scan of a file, as far as it was acquired.

    Attributes
    ----------
    path
        Its group.
    plan
        What it was asked to do.
    axes
        Its axes, as they are in the file.
    acquired
        Which points are in the file, in the scan's shape.
    """

    path: str
    plan: ScanPlan
    axes: tuple[Axis, ...]
    acquired: Mask

    @classmethod
    def find(cls, h5saver: H5SaverLowLevel) -> Self:
        """Return the last scan of a file.

        Raises
        ------
        ResumeError
            When there is none, it has no points or all of them, or it was made by another program.
        """
        group = h5saver.get_last_group(h5saver.raw_group, "scan")
        if group is None:
            raise ResumeError(f"{h5saver.filename!r} holds no scan.")
        record = record_of(group)
        if PLAN_NAME not in group.attrs or record is None:
            raise ResumeError(
                f"{group.path!r} in {h5saver.filename!r} cannot be gone on with: it has no points, or was "
                "not made by this scanner."
            )
        plan, acquired = ScanPlan.from_json(str(group.attrs[PLAN_NAME])), np.asarray(record.read()) > 0
        if acquired.all():
            raise ResumeError(f"no point of {group.path!r} in {h5saver.filename!r} is missing.")
        return cls(group.path, plan, _nav_axes(h5saver, group), acquired)

    def signals(
        self, h5saver: H5SaverLowLevel, names: Iterable[str]
    ) -> Iterator[tuple[str, list[np.ndarray[Any, Any]]]]:
        """Yield what is in the file of some signals, by their full names: the arrays of their channels."""
        loader = DataLoader(h5saver)
        for name in names:
            origin, _, signal = name.partition("/")
            with suppress(DataMissingError):  # it is plotted now, and was not acquired then
                yield name, loader.load_data_from_name_origin(signal, origin, self.path).data

    def require_same(self, scan: Any) -> None:
        """Make sure that a DAQ_Scan goes where this scan went; a random order is that of the file again.

        Raises
        ------
        ResumeError
            When it goes elsewhere.
        """
        scanner, repeats = scan.scanner, int(self.plan.average > 1)
        places = [axis for axis in self.axes if axis.label != "Average" or not repeats]
        if not _are_same(scanner.get_nav_axes(), places, repeats) and _is_list(places, repeats):
            ordered = sorted(places, key=lambda axis: int(axis.spread_order))
            scanner.scanner.get_info_from_positions(np.column_stack([axis.get_data() for axis in ordered]))
        shape = (*[self.plan.average] * repeats, *scanner.get_scan_shape())
        if shape != self.acquired.shape or not _are_same(scanner.get_nav_axes(), places, repeats):
            raise ResumeError(f"{self.path!r} was made by another plan than the one that is set.")


def _nav_axes(h5saver: H5SaverLowLevel, group: GROUP) -> tuple[Axis, ...]:
    for module in h5saver.get_groups(group, "detector"):
        if NAV_AXES in module:
            return tuple(AxisSaverLoader(h5saver).get_axes(module.get_child(NAV_AXES)))
    return ()


def _is_list(axes: Sequence[Axis], repeats: int) -> bool:
    return all(axis.index == repeats for axis in axes)


def _are_same(axes: Sequence[Axis], saved: Sequence[Axis], repeats: int) -> bool:
    """Tell whether the axes of a scanner are those in a file, where all come behind that of the averages."""

    def key(axis: Axis) -> tuple[int, int]:
        return int(axis.index), int(axis.spread_order)

    pairs = zip(sorted(axes, key=key), sorted(saved, key=key), strict=False)
    return len(axes) == len(saved) and all(
        (one.label, one.index + repeats) == (other.label, other.index)
        and np.array_equal(one.get_data(), other.get_data())
        for one, other in pairs
    )


def progress_of(h5saver: H5SaverLowLevel) -> ScanProgress | None:
    """Return how far the last scan of a file is, which nobody acquires now; None where nothing tells it."""
    group = h5saver.get_last_group(h5saver.raw_group, "scan")
    record = None if group is None else record_of(group)
    if group is None or record is None:
        return None
    count = count_points(group, record)
    state = FileState.FINISHED if count.is_complete else FileState.INTERRUPTED
    return ScanProgress(f"{h5saver.h5_file_name}, {group.name}", count, state)
