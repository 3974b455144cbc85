"""The signals of a scan, read no further than what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from h5modules.backends import CARRAY, GROUP, Where
from h5modules.saving import RECORD_NAME, DataType, H5SaverLowLevel

from ._errors import NothingToShowError

if TYPE_CHECKING:
    from pymodaq_data.data import Axis

Array = np.ndarray[Any, Any]

_BLOCK_VALUES = 4_000_000
"""How many values are read at once when a whole array is averaged."""

_SAMPLED_POINTS = 500
"""How many points the spread of a scan is told from."""


@dataclass(frozen=True, slots=True)
class ScanSignal:
    """One channel of a scan: the array, its axes, and which points were acquired.

    Attributes
    ----------
    array
        The values: scan dimensions first, then the signal's.
    title, label, units, origin
        What it is, and which module it came from.
    nav_axes, signal_axes
        The axes of the scan's dimensions and of the signal's, in their order; None where there is none.
    acquired
        Whether each point of the scan was acquired.
    """

    array: CARRAY
    title: str
    label: str
    units: str
    origin: str
    nav_axes: tuple[Axis | None, ...]
    signal_axes: tuple[Axis | None, ...]
    acquired: Array

    @property
    def signal_dimensions(self) -> int:
        """How many dimensions one point has."""
        return len(self.signal_axes)

    def map(self) -> Array:
        """Return the values of a signal of one value a point, as floats; NaN where not acquired."""
        values = np.array(self.array.read(), dtype=float)
        values[~self.acquired] = np.nan
        return values

    def frame(self, index: tuple[int, ...]) -> Array:
        """Return what was read at one point."""
        return np.asarray(self.array[index])

    def mean(self) -> Array:
        """Return the mean over all acquired points; blocks are read one after the other."""
        shape = self.array.shape
        rows = max(1, _BLOCK_VALUES // max(1, int(np.prod(shape[1:]))))
        count, total = 0, np.zeros(shape[self.acquired.ndim :])
        for start in range(0, shape[0], rows):
            acquired = self.acquired[start : start + rows]
            block = np.asarray(self.array[start : start + rows], dtype=float)[acquired]
            count += len(block)
            total += block.sum(axis=0)
        if count == 0:
            raise NothingToShowError(f"no point of {self.array.path!r} was acquired.")
        return total / count

    def percentiles(self, *percents: float) -> Array:
        """Return percentiles over the acquired points: over all when they are few, else over some spread evenly."""
        places = np.argwhere(self.acquired)
        chosen = places[:: max(1, len(places) // _SAMPLED_POINTS)]
        values = [
            np.asarray(self.array[tuple(int(number) for number in place)], dtype=float) for place in chosen
        ]
        return np.percentile(values, percents, axis=0)


def last_scan(saver: H5SaverLowLevel) -> GROUP:
    """Return the last scan of a file.

    Raises
    ------
    NothingToShowError
        When the file holds none.
    """
    scan = saver.get_last_group("/RawData", "scan") if "RawData" in saver.root() else None
    if scan is None:
        raise NothingToShowError(f"{saver.filename!r} holds no scan.")
    return scan


def iter_signals(saver: H5SaverLowLevel, scan: Where) -> Iterator[ScanSignal]:
    """Yield the channels of all detectors of a scan."""
    group = saver.get_node(scan)
    if not isinstance(group, GROUP):
        raise NothingToShowError(f"{group.path!r} is not a scan.")
    for module in group.children().values():
        if isinstance(module, GROUP) and module.attrs.get("type") == "detector":
            for node in saver.walk_nodes(module):
                if isinstance(node, CARRAY) and node.attrs.get("data_type") == DataType.data.name:
                    yield _signal(saver, group, node)


def _signal(saver: H5SaverLowLevel, scan: GROUP, node: CARRAY) -> ScanSignal:
    from h5modules.data_saving import DataLoader  # PyMoDAQ's data take a second to import

    loader = DataLoader(saver)
    attrs, shape = node.attrs, node.shape
    nav_count = len(attrs.get("nav_indexes") or ())
    parent = node.parent_node
    assert parent is not None
    nav_group = loader.get_nav_group(node)
    nav = [] if nav_group is None else loader.axes(nav_group)
    signal = loader.axes(parent)
    return ScanSignal(
        array=node,
        title=node.title,
        label=str(attrs.get("label", "")),
        units=str(attrs.get("units", "")),
        origin=str(attrs.get("origin", "")),
        nav_axes=tuple(_axis(nav, index) for index in range(nav_count)),
        signal_axes=tuple(_axis(signal, index) for index in range(nav_count, len(shape))),
        acquired=_acquired(scan, shape[:nav_count]),
    )


def _axis(axes: list[Axis], index: int) -> Axis | None:
    return next((axis for axis in axes if axis.index == index), None)


def _acquired(scan: GROUP, shape: tuple[int, ...]) -> Array:
    if RECORD_NAME not in scan:  # a scan that PyMoDAQ wrote
        return np.ones(shape, bool)
    record = scan.get_child(RECORD_NAME)
    assert isinstance(record, CARRAY)
    return np.asarray(record.read()) > 0
