"""Numpy's indexing over a library that can only read and write blocks.

Libraries differ in what they select: steps, negative steps, lists out of order, several lists, masks. Here every
selection becomes blocks, tuples of one slice for each dimension with a positive step, which all of them know; numpy
does the rest on what the blocks held. So a selection means the same everywhere, and the same as on an array in memory.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ._errors import ArrayIndexError, ArrayShapeError

Array: TypeAlias = np.ndarray[Any, Any]
Block: TypeAlias = tuple[slice, ...]
ReadBlock: TypeAlias = Callable[[Block], Array]
WriteBlock: TypeAlias = Callable[[Block, Array], None]

_GAP = 16
"""Positions of a list that lie this close are read in one block: skipping costs more than reading."""


def read_selected(selection: Any, shape: tuple[int, ...], dtype: np.dtype[Any], read_block: ReadBlock) -> Any:
    """Return the selected values, as numpy would of an array of that shape.

    Parameters
    ----------
    selection
        Integers, slices, an ellipsis, lists or boolean masks, or a tuple of these.
    shape, dtype
        What the whole array is like.
    read_block
        Called with one slice for each dimension, each with bounds inside the array, a positive step and at least one
        position; returns the values there, with all dimensions.

    Raises
    ------
    ArrayIndexError
        When `selection` does not select from such an array.

    Examples
    --------
    >>> values = np.arange(10)
    >>> read_selected([7, -1, 7], values.shape, values.dtype, values.__getitem__)
    array([7, 9, 7])
    """
    plan = _plan(selection, shape, _GAP)
    return plan.held(dtype, read_block)[plan.local]


def write_selected(
    selection: Any, shape: tuple[int, ...], values: Array, read_block: ReadBlock, write_block: WriteBlock
) -> None:
    """Write the selected values, as numpy would into an array of that shape.

    Parameters
    ----------
    selection, shape
        See `read_selected`.
    values
        Of the array's dtype, and of a shape that can be broadcast to the selection's.
    read_block, write_block
        How a block is read, and how it is written. One is read only where lists or masks in several dimensions select
        some of its values and not all.

    Raises
    ------
    ArrayIndexError
        When `selection` does not select from such an array.
    ArrayShapeError
        When `values` do not have the shape of the selection.

    Examples
    --------
    >>> values = np.zeros(5)
    >>> write_selected(slice(None, None, -2), (5,), np.array([1., 2., 3.]), values.__getitem__, values.__setitem__)
    >>> values
    array([3., 0., 2., 0., 1.])
    """
    plan = _plan(selection, shape, 1)
    if plan.is_whole and values.shape == plan.result:
        held = values.reshape(plan.shape)
    else:
        held = plan.held(values.dtype, read_block) if plan.is_sparse else np.empty(plan.shape, values.dtype)
        try:
            plan.view(held)[...] = values
        except ValueError as error:
            raise ArrayShapeError(
                f"{selection!r} selects the shape {plan.result} of {shape}; "
                f"values of shape {values.shape} do not fit."
            ) from error
    for block, place in plan.blocks():
        write_block(block, np.ascontiguousarray(held[place]))


def row_positions(selection: Any, length: int) -> int | list[int]:
    """Return which rows of a list a selection means: one position for an integer, else a list.

    Raises
    ------
    ArrayIndexError
        When `selection` does not select from a list of that length.

    Examples
    --------
    >>> row_positions(-1, 3), row_positions(slice(None, None, 2), 3), row_positions(..., 3)
    (2, [0, 2], [0, 1, 2])
    """
    whole: Array = np.arange(length)
    chosen = read_selected(selection if selection != () else ..., (length,), whole.dtype, whole.__getitem__)
    if np.ndim(chosen) > 1:
        raise ArrayIndexError(f"{selection!r} does not select from a list of {length} rows.")
    return int(chosen) if np.ndim(chosen) == 0 else [int(position) for position in chosen]


@dataclass(frozen=True, slots=True)
class _Cut:
    """What one dimension of a selection needs: the slices to transfer, and the index into what they hold."""

    slices: tuple[slice, ...]
    local: int | slice | Array

    @property
    def length(self) -> int:
        return sum(len(range(part.start, part.stop, part.step)) for part in self.slices)

    @property
    def is_list(self) -> bool:
        return isinstance(self.local, np.ndarray)

    @property
    def is_whole(self) -> bool:
        return len(self.slices) == 1 and not self.is_list and self.local in (0, slice(None))


@dataclass(frozen=True, slots=True)
class _Plan:
    """A selection of one array: a cut for each dimension, the index into what all hold, the shape of the result."""

    cuts: tuple[_Cut, ...]
    local: tuple[Any, ...]
    result: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(cut.length for cut in self.cuts)

    @property
    def is_whole(self) -> bool:
        """Whether one block holds the selection as it is, in its order."""
        return all(cut.is_whole for cut in self.cuts)

    @property
    def is_sparse(self) -> bool:
        """Whether the blocks hold values that are not selected."""
        return sum(cut.is_list for cut in self.cuts) > 1

    def blocks(self) -> Iterator[tuple[Block, Block]]:
        """Yield where each block lies in the array, and where among what is held."""
        dimensions = []
        for cut in self.cuts:
            lengths = [len(range(part.start, part.stop, part.step)) for part in cut.slices]
            ends = list(itertools.accumulate(lengths))
            held = [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]
            dimensions.append(list(zip(cut.slices, held, strict=True)))
        for parts in itertools.product(*dimensions):
            yield tuple(part for part, _ in parts), tuple(place for _, place in parts)

    def held(self, dtype: np.dtype[Any], read_block: ReadBlock) -> Array:
        """Read all blocks into one array."""
        if all(len(cut.slices) == 1 for cut in self.cuts):
            return read_block(tuple(cut.slices[0] for cut in self.cuts))
        held: Array = np.empty(self.shape, dtype)
        for block, place in self.blocks():
            held[place] = read_block(block)
        return held


def _plan(selection: Any, shape: tuple[int, ...], gap: int) -> _Plan:
    try:
        indices = _expanded(selection, shape)
        lengths = _lengths(indices, shape)
        ...
    except (IndexError, TypeError, ValueError, OverflowError) as error:
        raise ArrayIndexError(f"{selection!r} does not select from an array of shape {shape}: {error}.") from error
