"""How a file is looked at going round the driver under test."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np

from h5modules.backends._codec import RawValue


@dataclass(frozen=True, slots=True)
class RawLayout:
    """How a file holds an array."""

    shape: tuple[int, ...]
    limits: tuple[int | None, ...]
    """How long each dimension may become; None is without limit."""
    chunks: tuple[int, ...] | None
    filters: frozenset[str]
    """Of ``gzip``, ``lz4``, ``bitshuffle``, ``zstd``, ``blosc2``, ``shuffle``, ``fletcher32``."""
    fill_value: Any
    """What an unwritten value reads as."""


class RawFile(Protocol):
    """A file opened for reading by its library alone, or by another that reads the same files.

    It is the measure of the suite: nothing of the driver under test may be used in it.
    """

    def names(self, path: str) -> list[str]:
        """Return the names of a group's children, in any order."""

    def values(self, path: str) -> np.ndarray[Any, Any] | list[np.ndarray[Any, Any]]:
        """Return all values of an array, booleans as bool; of a ragged one, its rows."""

    def layout(self, path: str) -> RawLayout:
        """Return how the file holds an array that is not ragged."""

    def attributes(self, path: str) -> dict[str, RawValue]:
        """Return all attributes of a node, as `Driver.read_attribute` gives them."""

    def is_same(self, first: str, second: str) -> bool:
        """Tell whether two paths lead to one node."""


RawReader: TypeAlias = Callable[[Path | str], AbstractContextManager[RawFile]]
"""Opens a closed file for a `RawFile`."""
