"""Numpy's indexing from blocks, against numpy itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from h5modules.backends import ArrayIndexError, ArrayShapeError
from h5modules.backends._selection import Block, read_selected, row_positions, write_selected
from h5modules.backends.testing import selections

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=7)


class Blocks:
    """An array that takes plain blocks only, and notes them."""

    def __init__(self, values: np.ndarray[Any, Any]) -> None:
        self.values = values
        self.asked: list[Block] = []

    def read(self, block: Block) -> Any:
        self._note(block)
        return self.values[(*block, ...)].copy()

    def write(self, block: Block, values: np.ndarray[Any, Any]) -> None:
        self._note(block)
        assert values.flags.c_contiguous
        assert values.shape == self.values[(*block, ...)].shape
        self.values[block] = values

    def _note(self, block: Block) -> None:
        for part, length in zip(block, self.values.shape, strict=True):
            assert 0 <= part.start < part.stop <= length
            assert part.step > 0
        self.asked.append(block)


@settings(max_examples=150)
@given(st.data())
def test_as_numpy(data: st.DataObject) -> None:
    shape = data.draw(SHAPES)
    values = np.arange(int(np.prod(shape))).reshape(shape)
    selection: Any = data.draw(selections(shape))
    expected = values[selection]
    actual = read_selected(selection, shape, values.dtype, Blocks(values).read)
    assert type(actual) is type(expected)
    assert np.array_equal(actual, expected)
    new = -1 - np.arange(np.size(expected)).reshape(np.shape(expected))
    written, wanted = Blocks(values.copy()), values.copy()
    wanted[selection] = new
    write_selected(selection, shape, new, written.read, written.write)
    assert np.array_equal(written.values, wanted)


def test_plain_selections_are_one_block() -> None:
    blocks = Blocks(np.arange(120).reshape(4, 5, 6))
    for selection in (..., 0, (1, slice(1, 4)), (slice(None), -1, slice(None, None, 2)), [0, 1, 3]):
        blocks.asked.clear()
        read_selected(selection, (4, 5, 6), np.dtype(int), blocks.read)
        assert len(blocks.asked) == 1


def test_positions_far_apart_are_not_read_through() -> None:
    blocks = Blocks(np.arange(10_000))
    assert read_selected([9_999, 0], (10_000,), np.dtype(int), blocks.read).tolist() == [9_999, 0]
    assert blocks.asked == [(slice(0, 1, 1),), (slice(9_999, 10_000, 1),)]


def test_nothing_selected_asks_for_nothing() -> None:
    blocks = Blocks(np.arange(10))
    for selection in ([], slice(5, 5), np.zeros(10, bool)):
        assert read_selected(selection, (10,), np.dtype(int), blocks.read).size == 0
        write_selected(selection, (10,), np.array(1), blocks.read, blocks.write)
    assert blocks.asked == []


def test_what_is_not_selected_is_not_written() -> None:
    blocks = Blocks(np.arange(10))
    write_selected([1, 3, 8], (10,), np.array(-1), blocks.read, blocks.write)
    assert blocks.asked == [(slice(1, 2, 1),), (slice(3, 4, 1),), (slice(8, 9, 1),)]


@pytest.mark.parametrize(
    "selection",
    [
        None,
        True,
        1.5,
        "a",
        b"a",
        {},
        (0, 0, 0),
        3,
        -4,
        [0, 9],
        [[True]],
        (..., ...),
        2**80,
        slice(1.5),
        [slice(1)],
        [1.5],
        slice(None, None, 0),
        ([0, 1], [0, 1, 2]),
    ],
    ids=repr,
)
def test_bad_selections_are_refused(selection: Any) -> None:
    values = np.arange(9).reshape(3, 3)
    with pytest.raises(ArrayIndexError, match=r"does not select from an array of shape \(3, 3\)"):
        read_selected(selection, (3, 3), values.dtype, values.__getitem__)


def test_long_selections_make_short_messages() -> None:
    with pytest.raises(ArrayIndexError) as caught:
        read_selected(list(range(100_000)), (10,), np.dtype(int), np.arange(10).__getitem__)
    assert len(str(caught.value)) < 500


def test_shapes_that_do_not_fit_are_refused() -> None:
    blocks = Blocks(np.arange(9).reshape(3, 3))
    with pytest.raises(
        ArrayShapeError, match=r"selects the shape \(2, 3\).*values of shape \(4,\) do not fit"
    ):
        write_selected([0, 1], (3, 3), np.zeros(4, int), blocks.read, blocks.write)
    assert blocks.values.tolist() == np.arange(9).reshape(3, 3).tolist()


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (0, 0),
        (-1, 3),
        (np.int8(1), 1),
        (..., [0, 1, 2, 3]),
        ((), [0, 1, 2, 3]),
        ((1,), 1),
        (slice(1, 3), [1, 2]),
        ([3, 0], [3, 0]),
        (np.array([True, False, False, True]), [0, 3]),
        (np.array([2]), [2]),
    ],
    ids=repr,
)
def test_rows(selection: Any, expected: Any) -> None:
    assert row_positions(selection, 4) == expected


@pytest.mark.parametrize("selection", [4, -5, (0, 0), [[0, 1]], "a", None], ids=repr)
def test_bad_rows_are_refused(selection: Any) -> None:
    with pytest.raises(ArrayIndexError, match="does not select"):
        row_positions(selection, 4)
