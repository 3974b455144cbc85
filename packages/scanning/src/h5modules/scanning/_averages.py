"""Means of repeated readings, with their standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


class RunningMean:
    """The mean of arrays that come one after the other, by Welford's way: none of them is kept.

    Examples
    --------
    >>> mean = RunningMean()
    >>> for value in (1, 2, 3):
    ...     mean.add([np.array([value])])
    >>> mean.means, mean.errors[0].round(3)
    ([array([2.])], array([0.577]))
    """

    def __init__(self) -> None:
        self._count = 0
        self._means: list[Array] = []
        self._squares: list[Array] = []

    def accepts(self, arrays: Sequence[Array]) -> bool:
        """Tell whether arrays have the shapes of those before."""
        return not self._count or [each.shape for each in arrays] == [each.shape for each in self._means]

    def add(self, arrays: Sequence[Array]) -> None:
        """Take one more reading of all channels; shapes are those of the first."""
        if not self._count:
            self._means = [np.zeros(array.shape, np.result_type(array.dtype, np.float64)) for array in arrays]
            self._squares = [np.zeros(array.shape) for array in arrays]
        self._count += 1
        for channel, array in enumerate(arrays):
            before = array - self._means[channel]
            self._means[channel] += before / self._count
            self._squares[channel] += np.real(before * np.conj(array - self._means[channel]))

    @property
    def means(self) -> list[Array]:
        """The mean of each channel."""
        return self._means

    @property
    def errors(self) -> list[Array]:
        """The standard error of each mean; NaN where there was one reading."""
        if self._count < 2:
            return [np.full(squares.shape, math.nan) for squares in self._squares]
        return [np.sqrt(squares / (self._count - 1) / self._count) for squares in self._squares]
