"""HDF5's filters: what their numbers mean, and those that the `hdf5plugin` package brings where it is."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

from ._compression import HDF5PLUGIN_FILTERS, Compression
from ._errors import BackendMissingError

REMEDY = 'pip install "h5modules-backends[filters]"'

_GZIP, _SHUFFLE, _FLETCHER32 = 1, 2, 3
_NAMES = {number: name for name, number in HDF5PLUGIN_FILTERS.items()}
_OWNERS = {32000: "h5py", 305: "tables"}
"""Filters (lzf, lzo) that come with one library alone."""
_LEVEL_AT = {"gzip": 0, "zstd": 0, "blosc2": 4}
"""At which place of its parameters a filter keeps the level."""


def load_plugins() -> bool:
    """Make the filters of `hdf5plugin` known to the HDF5 library; return whether the package is there."""
    if importlib.util.find_spec("hdf5plugin") is None:
        return False
    importlib.import_module("hdf5plugin")
    return True


def plugin_options(compression: Compression) -> Mapping[str, Any]:
    """Return the filter's number and options, under the names that h5py takes.

    Raises
    ------
    BackendMissingError
        When `hdf5plugin` is not installed.
    """
    if not load_plugins():
        raise BackendMissingError(f"compression {compression.name!r} needs hdf5plugin. Try: {REMEDY}")
    plugin = importlib.import_module("hdf5plugin")
    level = compression.level
    options: Mapping[str, Any]
    match compression.name:
        case "lz4":
            options = plugin.LZ4()
        case "bitshuffle":
            options = plugin.Bitshuffle(cname="lz4")
        case "zstd":
            options = plugin.Zstd(clevel=level)
        case _:
            shuffle = plugin.Blosc2.BITSHUFFLE if compression.shuffle else plugin.Blosc2.NOFILTER
            options = plugin.Blosc2(cname="zstd", clevel=level, filters=shuffle)
    # These two sort the bytes themselves; the others profit from HDF5's own shuffle.
    own_shuffle = compression.name in ("bitshuffle", "blosc2")
    return {**options, "shuffle": compression.shuffle and not own_shuffle}


def compression_of(filters: Sequence[tuple[int, Sequence[int]]]) -> tuple[Compression | None, bool]:
    """Return what HDF5's list of filters means, and whether there is a checksum.

    Parameters
    ----------
    filters
        The registered number and the parameters of each.

    Returns
    -------
    The compression, None where it is none or one that `Compression` does not know; and the checksum.

    Examples
    --------
    >>> compression_of([(2, (8,)), (1, (6,)), (3, ())])
    (Compression(name='gzip', level=6, shuffle=True), True)
    """
    checksum = any(number == _FLETCHER32 for number, _ in filters)
    packers = [each for each in filters if each[0] not in (_SHUFFLE, _FLETCHER32)]
    if len(packers) != 1:
        return None, checksum
    number, parameters = packers[0]
    name = "gzip" if number == _GZIP else _NAMES.get(number)
    if name is None:
        return None, checksum
    place = _LEVEL_AT.get(name)
    level = 4 if place is None or len(parameters) <= place else min(int(parameters[place]), 9)
    has_shuffle = any(number == _SHUFFLE for number, _ in filters)
    if name == "blosc2":  # it sorts by itself: its sixth parameter says how
        has_shuffle = len(parameters) > 5 and parameters[5] != 0
    return Compression(name, level, shuffle=has_shuffle or name == "bitshuffle"), checksum


def filter_problem(number: int, name: str) -> str:
    """Return why a filter of that registered number cannot be read here, and what to install."""
    label = _NAMES.get(number) or name or "unnamed"
    remedy = f"Open the file with the backend {_OWNERS[number]!r}" if number in _OWNERS else f"Try: {REMEDY}"
    return f"it was packed with the filter {label!r} (number {number}), which is not here. {remedy}"
