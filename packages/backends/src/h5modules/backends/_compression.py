"""Compression as a value, which each adapter translates to its library."""

from __future__ import annotations

from dataclasses import dataclass

from ._errors import H5ModulesError


class CompressionError(H5ModulesError, ValueError):
    """The compression is unknown, or its level out of range."""


HDF5PLUGIN_FILTERS = {"lz4": 32004, "bitshuffle": 32008, "zstd": 32015, "blosc2": 32026}
"""Filters that the `hdf5plugin` package brings, by the number that The HDF Group registered for each."""

_OTHER_NAMES = {"zlib": "gzip", "fast": "bitshuffle"}
"""``zlib`` is PyTables' name for the same thing."""


@dataclass(frozen=True, slots=True)
class Compression:
    """How the chunks of an array are packed.

    Attributes
    ----------
    name
        ``'gzip'`` (every HDF5 program reads it), or one of ``'lz4'``, ``'bitshuffle'``, ``'zstd'``,
        ``'blosc2'`` (with the extra ``filters``, for writer and reader). ``'fast'`` is the one of these that
        packs and unpacks measured data fastest for what it saves: ``'bitshuffle'``.
    level
        0 to 9; 0 stores the chunks as they are. Filters without levels ignore it.
    shuffle
        Sort the bytes of the values by significance first, which makes measured data smaller and faster to
        pack.

    Examples
    --------
    >>> Compression('zlib', 4)
    Compression(name='gzip', level=4, shuffle=True)
    >>> Compression('fast').name
    'bitshuffle'
    """

    name: str = "gzip"
    level: int = 4
    shuffle: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _OTHER_NAMES.get(self.name, self.name))
        if self.name != "gzip" and self.name not in HDF5PLUGIN_FILTERS:
            known = ", ".join(["gzip", "fast", *HDF5PLUGIN_FILTERS])
            raise CompressionError(f"{self.name!r} is not a compression; choose one of {known}.")
        if self.level not in range(10):
            raise CompressionError(f"compression level {self.level!r} is not a whole number from 0 to 9.")
        object.__setattr__(self, "level", int(self.level))
