"""In which order the cells of a grid are visited."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

Visit = Callable[[int], tuple[int, ...]]
"""Takes the number of a step (0 for the first), and returns the cell that is visited then."""

Ranks = np.ndarray[Any, np.dtype[np.int64]]

MOST_SHUFFLED = 10_000_000
"""More cells than that are not visited in an order that has to be kept in memory."""


class Order(StrEnum):
    """In which order the cells of a grid are visited; where their values are saved does not depend on it."""

    sequential = "sequential"
    """Each axis from its start, the last one fastest."""
    back_and_forth = "back-and-forth"
    """As sequential, but each line in the direction opposite to the one before: no way back."""
    random = "random"
    """Shuffled, by a seed."""
    spiral = "spiral"
    """Outwards from the middle of a grid of two axes."""


def visit(order: Order, lengths: tuple[int, ...], seed: int = 0) -> Visit:
    """Return which cell of a grid is visited at each step.

    Parameters
    ----------
    order
        In which order.
    lengths
        The number of cells along each axis, slow to fast; two for a spiral.
    seed
        For a random order; the same seed gives the same order with every version of numpy.

    Examples
    --------
    >>> [visit(Order.back_and_forth, (2, 3))(step) for step in range(6)]
    [(0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0)]
    >>> [visit(Order.spiral, (3, 3))(step) for step in range(4)]
    [(1, 1), (0, 0), (0, 1), (0, 2)]
    """
    strides = tuple(math.prod(lengths[number + 1 :]) for number in range(len(lengths)))
    pairs = tuple(zip(strides, lengths, strict=True))

    def in_line(step: int) -> tuple[int, ...]:
        return tuple(step // stride % length for stride, length in pairs)

    def to_and_fro(step: int) -> tuple[int, ...]:
        # How many lines of an axis came before tells in which direction this one goes.
        return tuple(
            step // stride % length
            if step // (stride * length) % 2 == 0
            else length - 1 - step // stride % length
            for stride, length in pairs
        )

    if order is Order.sequential:
        return in_line
    if order is Order.back_and_forth:
        return to_and_fro
    ranks = _shuffled(math.prod(lengths), seed) if order is Order.random else _spiral(lengths)
    return lambda step: in_line(int(ranks[step]))


@lru_cache(maxsize=4)
def _shuffled(count: int, seed: int) -> Ranks:
    # Raw words of the generator are the same with every version of numpy; its distributions are not.
    words = np.random.Philox(key=seed).random_raw(count)
    return np.argsort(words, kind="stable").astype(np.int64)


@lru_cache(maxsize=4)
def _spiral(lengths: tuple[int, ...]) -> Ranks:
    rows, columns = (np.arange(length) - (length - 1) / 2 for length in lengths)
    row, column = (values.ravel() for values in np.meshgrid(rows, columns, indexing="ij"))
    # Square rings around the middle; a grid that is not square is left at its short sides and entered again.
    ring = np.maximum(np.abs(row), np.abs(column))
    return np.lexsort((np.arctan2(row, column), ring)).astype(np.int64)
