"""Values of a file that was cut off: which are gone, and what they read as."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from h5modules.backends import (
    CARRAY,
    FileFormatError,
    H5Backend,
    H5ModulesError,
    Place,
    SupportsPlaces,
    UnreadableNode,
    claimed,
)

LOST_VALUES = "lost_values"
"""The attribute of an array that tells how many of its values were cut off."""

_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Lost:
    """What is gone of a node.

    Attributes
    ----------
    path
        The node.
    values, total
        How many of its values are gone, and how many it has; 0 where the node itself cannot be read.
    reads
        What they read as: ``NaN``, ``0``, or ``nothing`` where reading them fails.
    """

    path: str
    values: int
    total: int
    reads: str
    _places: tuple[Place, ...] = field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        if not self.total:
            return f"{self.path}: it cannot be read any more"
        reads = "cannot be read" if self.reads == "nothing" else f"read {self.reads}"
        return f"{self.path}: {self.values:,} of {self.total:,} values are gone, and {reads}"


def settle_lost(path: Path, missing: int) -> tuple[Lost, ...]:
    """Find what is gone of a file that was filled up, write NaN there, and note it at the arrays.

    Parameters
    ----------
    path
        The file, as long as it was before it was cut off.
    missing
        How many bytes at its end are gone.

    Raises
    ------
    FileFormatError
        When what is gone tells where data are: the file is then as it was found, cut off.
    """
    end = path.stat().st_size
    start = end - missing
    try:
        lost, dtypes = _look(path, start, end)
    except BaseException as error:  # Ctrl-C too: the next look would find a file that seems to be whole
        with claimed(path):
            os.truncate(path, start)
        if not isinstance(error, H5ModulesError):
            raise
        raise FileFormatError(
            f"{str(path)!r} is cut off: {start:,} of {end:,} bytes are there, and what tells where its data "
            f"lie is gone. It was left as it was; copy it again from where it is whole. ({error})"
        ) from error
    with claimed(path):
        for each in lost:
            if each.path in dtypes:
                _write_nan(path, each, start, dtypes[each.path])
    with H5Backend.open(path, "r+") as file:
        for each in lost:
            if each.total:
                file.get_node(each.path).attrs[LOST_VALUES] = each.values
    return lost


def _look(path: Path, start: int, end: int) -> tuple[tuple[Lost, ...], dict[str, np.dtype[Any]]]:
    """Return what is gone, and the dtypes of the arrays whose values can be NaN."""
    with H5Backend.open(path) as file:
        lost = tuple(_lost(file, start, end))
        arrays = {each.path: file.get_node(each.path) for each in lost if each.reads == "NaN"}
        return lost, {where: node.info.dtype for where, node in arrays.items() if isinstance(node, CARRAY)}


def _lost(file: H5Backend, start: int, end: int) -> Iterator[Lost]:
    driver = file.driver
    assert isinstance(driver, SupportsPlaces)  # as that of every file opened by h5py
    seen = set()
    for node in file.walk_nodes():
        if isinstance(node, UnreadableNode):
            if "damaged" in driver.problem(node.path):
                yield Lost(node.path, 0, 0, "nothing")
        elif isinstance(node, CARRAY):
            identity = driver.identity(node.path)
            found = None if identity in seen else _of_array(node, driver, start, end)
            seen.add(identity)  # it may have second names
            if found is not None:
                yield found


def _of_array(array: CARRAY, driver: SupportsPlaces, start: int, end: int) -> Lost | None:
    info = array.info
    itemsize, places = info.dtype.itemsize, tuple(driver.places(array.path))
    counts = [place.values_in(start, end, info.shape, itemsize) for place in places]
    total = int(np.prod(info.shape, dtype=int))
    if not any(counts):
        if info.dtype.kind != "O":
            return None
        try:  # texts and rows of any length lie elsewhere
            array.read()
        except H5ModulesError:
            return Lost(array.path, total, total, "nothing")
        return None
    if any(place.is_packed for place in places):
        reads = "nothing"
    else:
        reads = "NaN" if info.dtype.kind in "fc" else "0"
    return Lost(array.path, sum(counts), total, reads, places)


def _write_nan(path: Path, lost: Lost, start: int, dtype: np.dtype[Any]) -> None:
    """Write NaN to the values that are gone, also to the one that was cut through."""
    nan = np.full(_BLOCK, np.nan, dtype).tobytes()
    with path.open("r+b") as raw:
        for place in lost._places:  # noqa: SLF001 - of this module
            first = max(0, start - place.start) // dtype.itemsize * dtype.itemsize
            raw.seek(place.start + first)
            for done in range(first, place.nbytes, len(nan)):
                raw.write(nan[: place.nbytes - done])
