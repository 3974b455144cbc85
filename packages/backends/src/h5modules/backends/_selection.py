"""Numpy's indexing over a library that can only read and write blocks.

Libraries differ in what they select: steps, negative steps, lists out of order, several lists, masks. Here
every selection becomes blocks, tuples of one slice for each dimension with a positive step, which all of them
know; numpy does the rest on what the blocks held. So a selection means the same everywhere, and the same as
on an array in memory.
"""

from __future__ import annotations

import itertools
import operator
import reprlib
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
        Called with one slice for each dimension, each with bounds inside the array, a positive step and at
        least one position; returns the values there, with all dimensions.

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
        How a block is read, and how it is written. One is read only where lists or masks in several
        dimensions select some of its values and not all.

    Raises
    ------
    ArrayIndexError
        When `selection` does not select from such an array.
    ArrayShapeError
        When `values` do not have the shape of the selection.

    Examples
    --------
    >>> values = np.zeros(5)
    >>> new = np.array([1., 2., 3.])
    >>> write_selected(slice(None, None, -2), (5,), new, values.__getitem__, values.__setitem__)
    >>> values
    array([3., 0., 2., 0., 1.])
    """
    plan = _plan(selection, shape, 1)
    if plan.is_whole and values.shape == plan.result:
        held = values.reshape(plan.shape)
    else:
        held = plan.held(values.dtype, read_block) if plan.is_sparse else np.empty(plan.shape, values.dtype)
        try:
            held[plan.writing] = values
        except ValueError as error:
            raise ArrayShapeError(
                f"{reprlib.repr(selection)} selects the shape {plan.result} of {shape}; "
                f"values of shape {values.shape} do not fit."
            ) from error
    for block, place in plan.blocks():
        write_block(block, np.asarray(held[place], order="C"))


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
    chosen = read_selected(
        ... if isinstance(selection, tuple) and not selection else selection,
        (length,),
        whole.dtype,
        whole.__getitem__,
    )
    if np.ndim(chosen) > 1:
        raise ArrayIndexError(f"{reprlib.repr(selection)} does not select from a list of {length} rows.")
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
    """A selection of one array: a cut for each dimension, an index into what all hold, the result's shape."""

    cuts: tuple[_Cut, ...]
    local: tuple[Any, ...]
    result: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(cut.length for cut in self.cuts)

    @property
    def writing(self) -> tuple[Any, ...]:
        """The index for assignment: an ellipsis at its end lets numpy broadcast to a single value too."""
        return self.local if any(part is ... for part in self.local) else (*self.local, ...)

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
        items = [_item(item) for item in (selection if isinstance(selection, tuple) else (selection,))]
        cuts, local = _cuts(items, shape, gap)
        # A view of one byte that has the shape of what will be held: numpy tells the shape of the result.
        result = np.broadcast_to(np.int8(0), tuple(cut.length for cut in cuts))[tuple(local)].shape
    except (IndexError, TypeError, ValueError, OverflowError) as error:
        message = f"{reprlib.repr(selection)} does not select from an array of shape {shape}: {error}."
        raise ArrayIndexError(message) from error
    return _Plan(tuple(cuts), tuple(local), result)


def _item(item: Any) -> Any:
    """Return a part of a selection as an ellipsis, a slice, an int, or an array of integers or booleans."""
    if item is ... or isinstance(item, slice):
        return item
    array = np.asarray(item)
    if array.dtype.kind == "b" and array.ndim:
        return array
    if array.dtype.kind in "iu" or (array.size == 0 and array.ndim and not isinstance(item, np.ndarray)):
        return array.astype(np.intp) if array.ndim else operator.index(item)
    raise IndexError(
        f"{reprlib.repr(item)} is not an integer, a slice, an ellipsis, or a list of integers or booleans"
    )


def _cuts(items: list[Any], shape: tuple[int, ...], gap: int) -> tuple[list[_Cut], list[Any]]:
    """Return a cut for each dimension, and the index into what they hold; an ellipsis stays where it is."""
    taken = sum(item.ndim if _is_mask(item) else item is not ... for item in items)
    if taken > len(shape):
        raise IndexError(f"there are {taken} indices for {len(shape)} dimensions")
    if (ellipses := sum(item is ... for item in items)) > 1:
        raise IndexError("there is more than one ellipsis")
    rest = [slice(None)] * (len(shape) - taken)
    cuts: list[_Cut] = []
    local: list[Any] = []
    for item in items if ellipses else [*items, *rest]:
        here = shape[len(cuts) :]
        if item is ...:
            cuts += [_cut(part, length, gap) for part, length in zip(rest, here, strict=False)]
            local.append(...)
            continue
        found = [_cut(part, length, gap) for part, length in zip(_parts(item, here), here, strict=False)]
        cuts += found
        local += [cut.local for cut in found]
    return cuts, local


def _is_mask(item: Any) -> bool:
    return isinstance(item, np.ndarray) and item.dtype.kind == "b"


def _parts(item: Any, here: tuple[int, ...]) -> list[Any]:
    if not _is_mask(item):
        return [item]
    if item.shape != here[: item.ndim]:
        raise IndexError(f"a mask of shape {item.shape} stands for dimensions of shape {here[: item.ndim]}")
    return list(item.nonzero())


def _cut(index: Any, length: int, gap: int) -> _Cut:
    if isinstance(index, int):
        position = int(_positions(np.array(index), length))
        return _Cut((slice(position, position + 1, 1),), 0)
    if isinstance(index, slice):
        chosen = range(*index.indices(length))
        if not chosen:
            return _Cut((), slice(None))
        if chosen.step > 0:
            return _Cut((slice(chosen.start, chosen[-1] + 1, chosen.step),), slice(None))
        return _Cut((slice(chosen[-1], chosen.start + 1, -chosen.step),), slice(None, None, -1))
    return _list_cut(_positions(index, length), gap)


def _positions(index: Array, length: int) -> Array:
    positions = np.where(index < 0, index + length, index)
    if outside := index[(positions < 0) | (positions >= length)].tolist():
        raise IndexError(f"{outside[0]} is outside a dimension of length {length}")
    return positions


def _list_cut(positions: Array, gap: int) -> _Cut:
    """Cut a list into runs of neighbours, and say where among them each position is held."""
    wanted = np.unique(positions)
    if not wanted.size:
        return _Cut((), positions)
    breaks = np.flatnonzero(np.diff(wanted) > gap)
    starts = wanted[np.concatenate([[0], breaks + 1])]
    stops = wanted[np.concatenate([breaks, [-1]])] + 1
    before = np.concatenate([[0], np.cumsum(stops - starts)[:-1]])
    run = np.searchsorted(starts, positions, side="right") - 1
    slices = tuple(slice(int(start), int(stop), 1) for start, stop in zip(starts, stops, strict=True))
    return _Cut(slices, positions - starts[run] + before[run])
