"""Making a file whole that its writer did not close: the file itself, its scans and its logs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from h5modules.backends import EARRAY, GROUP, VLARRAY, H5Backend, Recovery, SupportsTruncation, local_path
from h5modules.backends import recover as recover_file

from ._finishing import FILL_LIMIT, PointCount, count_points, fill_points, record_of, recorded_groups
from ._lost import Lost, settle_lost
from ._second_names import name_growing_axes


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found in a file, and made of it.

    Attributes
    ----------
    path
        The file.
    file
        What had to be mended in the file itself.
    groups
        How much was acquired of each scan and log.
    rows_cut
        By how many rows the arrays of logs became shorter, added up: room for rows that did not come, or
        a row that was not finished. No row that was acknowledged is among them.
    lost
        Of a file that was cut off, what is gone.
    """

    path: Path
    file: Recovery
    groups: tuple[PointCount, ...]
    rows_cut: int
    lost: tuple[Lost, ...] = ()

    @property
    def was_whole(self) -> bool:
        """Whether nothing had to be mended."""
        return self.file.was_whole and not self.rows_cut


def recover(
    path: Path | str,
    *,
    fill: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Recovered:
    """Finish what a killed writer left, so that every program reads what was acquired; nothing is lost by it.

    The file itself is made whole: see `h5modules.backends.recover`. Logs end with their last whole row, and
    points of a scan that were not acquired read NaN, where the values are floats. To do it again changes
    nothing, and it can be killed at any moment.

    Of a file that was cut off, as by a copy that was not finished, values that are gone read NaN, where they
    are floats of an array that is not packed; others read 0, or cannot be read. Their number is told, and
    kept in the attribute `LOST_VALUES` of the array.

    Parameters
    ----------
    path
        The path of a local file; of any program.
    fill
        Write NaN however many bytes it takes; else no more than `FILL_LIMIT` for a scan.
    progress
        Called for each scan that is filled, with how many of its arrays are done and how many there are.

    Raises
    ------
    FileMissingError
        When there is no such file.
    FileAccessError
        When it is open for writing, or may not be written.
    FileFormatError
        When it is no HDF5 file; or when it is cut off so that nothing tells where its data lie, and left so.

    Examples
    --------
    >>> from h5modules.saving import H5SaverLowLevel
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5') as saver:
    ...     saver.add_log('started')
    >>> recover(tmp_path / 'scan.h5').was_whole
    True
    """
    where = local_path(path)
    found = recover_file(where)
    lost = settle_lost(where, found.bytes_missing) if found.bytes_missing else ()
    limit = math.inf if fill else FILL_LIMIT
    with H5Backend.open(where) as file:
        groups = [(group.path, count_points(group, record)) for group, record in recorded_groups(file)]
        needs_work = any(not count.is_filled or count.total is None for _, count in groups)
    if not needs_work:  # opening for writing is a claim, and a time stamp
        return Recovered(where, found, tuple(count for _, count in groups), 0, lost)
    counts, cut = [], 0
    with H5Backend.open(where, "r+") as file:
        for path_in_file, _ in groups:
            group = GROUP(file, path_in_file)
            record = record_of(group)
            assert record is not None  # it was there a moment ago, and the file is ours
            if isinstance(record, EARRAY):
                cut += _cut_rows(group, count_points(group, record).acquired)
                counts.append(count_points(group, record))
            else:
                counts.append(fill_points(group, record, limit, progress))
        name_growing_axes(file)
    return Recovered(where, found, tuple(counts), cut, lost)


def _cut_rows(group: GROUP, rows: int) -> int:
    """Cut the growing arrays of a log, down to groups with a record of their own; return how many rows."""
    driver, cut = group.driver, 0
    assert isinstance(driver, SupportsTruncation)  # as that of every file opened by h5py
    for _, node in group.iter_children():
        if isinstance(node, GROUP):
            cut += _cut_rows(node, rows) if record_of(node) is None else 0
        elif isinstance(node, EARRAY) and not isinstance(node, VLARRAY) and node.shape[0] > rows:
            cut += node.shape[0] - rows
            driver.truncate(node.path, rows)
    return cut
