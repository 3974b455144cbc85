"""The filters that the `hdf5plugin` package brings, where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from ._compression import HDF5PLUGIN_FILTERS, Compression
from ._errors import BackendMissingError

REMEDY = 'pip install "h5modules-backends[filters]"'


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


def filter_problem(number: int, name: str) -> str:
    """Return why a filter of that registered number cannot be read here, and what to install."""
    known = {value: key for key, value in HDF5PLUGIN_FILTERS.items()}
    label = known.get(number) or name or "unnamed"
    return f"it was packed with the filter {label!r} (number {number}), which is not available here. Try: {REMEDY}"
