"""Writing chunks that gzip packs: HDF5 packs one after the other, which leaves the other processors idle."""

from __future__ import annotations

import itertools
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from h5py import h5z

from ._driver import Array
from ._h5py_values import Layout, filters
from ._selection import Block

_THREADS = min(os.cpu_count() or 1, 8)

_LEAST_BYTES = 2**19
"""A block that is smaller is packed by HDF5: to begin threads takes longer."""

_KINDS = frozenset("biufc")


def write_block(found: Layout, block: Block, values: Array) -> None:
    """Write a block, as `write_selected` asks for it: whole chunks that gzip packs several at a time."""
    packing = None if values.nbytes < _LEAST_BYTES else _packing_of(found)
    if packing is not None and all(map(_is_whole, block, packing.chunks, found.shape)):
        packing.write_chunks(block, values)
    else:
        found.write_block(block, values)


def _packing_of(found: Layout) -> _ThreadedPacking | None:
    chunks = found.dataset.chunks
    if chunks is not None and found.dtype.kind in _KINDS and _THREADS > 1:
        match [(number, parameters) for number, parameters, _ in filters(found.dataset)]:
            case [(h5z.FILTER_DEFLATE, (level,))]:
                return _ThreadedPacking(found, chunks, int(level), shuffle=False)
            case [(h5z.FILTER_SHUFFLE, _), (h5z.FILTER_DEFLATE, (level,))]:
                return _ThreadedPacking(found, chunks, int(level), shuffle=True)
    return None


@dataclass(frozen=True, slots=True)
class _ThreadedPacking:
    found: Layout
    chunks: tuple[int, ...]
    level: int
    shuffle: bool

    def write_chunks(self, block: Block, values: Array) -> None:
        """Write a block of whole chunks."""
        chunks = self.chunks
        starts = [part.start for part in block]
        offsets = list(itertools.product(*map(range, (0,) * len(chunks), values.shape, chunks)))
        parts = (values[tuple(map(slice, offset, np.add(offset, chunks)))] for offset in offsets)
        with ThreadPoolExecutor(_THREADS) as threads:
            for offset, packed in zip(offsets, threads.map(self._packed, parts), strict=True):
                self.found.dataset.id.write_direct_chunk(tuple(np.add(starts, offset)), packed)

    def _packed(self, part: Array) -> bytes:
        """Return a chunk as HDF5 would pack it: it is whole in the file, also where the array ends in it.

        HDF5 is asked nothing here: the thread that writes may hold its lock.
        """
        chunk = np.zeros(self.chunks, part.dtype)
        chunk[tuple(map(slice, part.shape))] = part
        held: Array = chunk.reshape(-1).view(np.uint8)
        if self.shuffle:  # the first bytes of all values, then the second ones, and so on
            held = np.ascontiguousarray(held.reshape(chunk.size, chunk.itemsize).T)
        return zlib.compress(held.tobytes(), self.level)


def _is_whole(part: slice, chunk: int, length: int) -> bool:
    """Tell whether a block begins and ends between chunks along one dimension."""
    begins, ends = part.start % chunk == 0, part.stop % chunk == 0 or part.stop == length
    return bool(part.step == 1 and begins and ends)
