"""Selections: what is read and written is what numpy would."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h5modules.backends._array_spec import ArraySpec
from h5modules.backends._driver import Driver
from h5modules.backends._errors import ArrayIndexError, ArrayShapeError, ArrayTypeError

from ._cases import assert_same_values
from ._files import FLOATS
from ._fixtures import DriverFixtures
from ._strategies import selections

CUBE = np.arange(120.0).reshape(4, 5, 6)

SELECTIONS: dict[str, Any] = {
    "all": ...,
    "nothing": (),
    "integer": 2,
    "negative": -1,
    "numpy integer": np.int32(1),
    "integers": (1, 2, 3),
    "slice": slice(1, 3),
    "open slice": slice(2, None),
    "slice beyond": slice(2, 100),
    "empty slice": slice(3, 1),
    "step": slice(None, None, 2),
    "negative step": slice(None, None, -1),
    "negative steps": (slice(3, None, -2), slice(None), slice(None, None, -3)),
    "mixed": (1, slice(1, 4), -1),
    "ellipsis": (..., 2),
    "ellipsis between": (0, ..., 3),
    "list": [0, 2],
    "unsorted list": [3, 0, 1],
    "list with repetition": [1, 1, 0],
    "negative list": [-1, 0],
    "empty list": [],
    "array": np.array([2, 1]),
    "2D array": np.array([[0, 1], [2, 3]]),
    "list inside": (slice(None), [0, 4], slice(2, 4)),
    "two lists": ([0, 1, 3], [4, 0, 2]),
    "two lists apart": ([0, 1], slice(None), [5, 0]),
    "integer and list": (1, slice(None), [0, 5]),
    "mask": CUBE % 7 == 0,
    "mask of rows": np.array([True, False, False, True]),
    "mask as list": [False, True, True, False],
    "mask inside": (slice(None), np.array([True, False, True, False, False])),
    "empty mask": np.zeros(4, bool),
}
"""Selections of an array of shape (4, 5, 6)."""

BAD: dict[str, Any] = {
    "too large": 4,
    "too small": -5,
    "too many": (0, 0, 0, 0),
    "float": 1.5,
    "text": "field",
    "none": None,
    "boolean": True,
    "list too large": [0, 4],
    "mask too long": np.ones(5, bool),
    "mask too short": np.ones(3, bool),
    "two ellipses": (..., ...),
    "step of zero": slice(None, None, 0),
    "lists that differ": ([0, 1], [0, 1, 2]),
    "huge": 10**30,
    "dict": {},
}
"""What selects nothing from it."""


class SelectionTests(DriverFixtures):
    """Parts of an array."""

    @pytest.fixture
    def cube(self, driver: Driver) -> Driver:
        """Return a file with an array of shape (4, 5, 6)."""
        driver.create_array("/cube", ArraySpec(CUBE.shape, FLOATS, chunks=(2, 2, 4)), CUBE)
        return driver

    @pytest.mark.parametrize("name", SELECTIONS)
    def test_read(self, cube: Driver, name: str) -> None:
        expected = CUBE[SELECTIONS[name]]
        actual = cube.read("/cube", SELECTIONS[name])
        assert type(actual) is type(expected)
        assert_same_values(np.asarray(actual), np.asarray(expected))

    @pytest.mark.parametrize("name", SELECTIONS)
    def test_write(self, cube: Driver, name: str) -> None:
        expected = CUBE.copy()
        values = -1 - np.arange(np.size(CUBE[SELECTIONS[name]]), dtype=float).reshape(
            np.shape(CUBE[SELECTIONS[name]])
        )
        expected[SELECTIONS[name]] = values
        cube.write("/cube", SELECTIONS[name], values)
        assert_same_values(cube.read("/cube"), expected)

    @pytest.mark.parametrize("name", SELECTIONS)
    def test_write_one_value(self, cube: Driver, name: str) -> None:
        expected = CUBE.copy()
        expected[SELECTIONS[name]] = -5
        cube.write("/cube", SELECTIONS[name], -5)
        assert_same_values(cube.read("/cube"), expected)

    @pytest.mark.parametrize("name", BAD)
    def test_bad_selection_is_refused(self, cube: Driver, name: str) -> None:
        with pytest.raises(ArrayIndexError, match="does not select"):
            cube.read("/cube", BAD[name])
        with pytest.raises(IndexError):
            cube.write("/cube", BAD[name], 0)
        assert_same_values(cube.read("/cube"), CUBE)

    @pytest.mark.parametrize("shape", [(2,), (5,), (4, 4), (2, 4, 5, 6)], ids=str)
    def test_values_of_another_shape_are_refused(self, cube: Driver, shape: tuple[int, ...]) -> None:
        with pytest.raises(ArrayShapeError, match="do not fit"):
            cube.write("/cube", ..., np.zeros(shape))
        assert_same_values(cube.read("/cube"), CUBE)

    def test_rows_of_differing_length_are_refused(self, cube: Driver) -> None:
        with pytest.raises(ArrayShapeError, match="not an array"):
            cube.write("/cube", (0, 0), [[1, 2], [3]])

    @pytest.mark.parametrize(
        ("dtype", "value"),
        [
            ("i4", 1.5),
            ("i4", 2**31),
            ("u1", -1),
            ("u1", 256),
            ("?", 2),
            ("f8", 1j),
            ("f4", 1e300),
            ("S3", b"long"),
            ("S3", 1),
            ("i4", "1"),
        ],
        ids=repr,
    )
    def test_values_that_would_change_are_refused(self, driver: Driver, dtype: str, value: Any) -> None:
        driver.create_array("/array", ArraySpec((3,), np.dtype(dtype)))
        with pytest.raises(ArrayTypeError, match="/array"):
            driver.write("/array", 1, value)
        assert_same_values(driver.read("/array"), np.zeros(3, dtype))

    @pytest.mark.parametrize(
        ("dtype", "value"),
        [
            ("i4", True),
            ("u1", 200),
            ("f8", 3),
            ("f4", 1e-300),
            ("c8", 2.5),
            ("S3", b"abc"),
            (">i2", 5),
            ("f2", 0.5),
        ],
        ids=repr,
    )
    def test_values_that_keep_what_they_say_are_taken(self, driver: Driver, dtype: str, value: Any) -> None:
        driver.create_array("/array", ArraySpec((3,), np.dtype(dtype)))
        driver.write("/array", 1, value)
        expected = np.zeros(3, dtype)
        expected[1] = value
        assert_same_values(driver.read("/array"), expected)

    def test_number_without_dimensions(self, driver: Driver) -> None:
        driver.create_array("/number", ArraySpec((), FLOATS), np.array(3.5))
        assert driver.read("/number", ()) == 3.5
        assert isinstance(driver.read("/number", ()), np.float64)
        assert_same_values(driver.read("/number", ...), np.array(3.5))
        driver.write("/number", (), 4.5)
        assert driver.read("/number", ()) == 4.5
        driver.write("/number", ..., 5.5)
        assert driver.read("/number", ()) == 5.5
        with pytest.raises(ArrayIndexError, match="does not select"):
            driver.read("/number", 0)

    def test_array_without_values(self, driver: Driver) -> None:
        driver.create_array("/empty", ArraySpec((0, 3), FLOATS))
        chosen: list[Any] = [..., slice(None), slice(5, 2), (slice(None), 1), []]
        for selection in chosen:
            assert_same_values(driver.read("/empty", selection), np.empty((0, 3))[selection])
        driver.write("/empty", ..., np.empty((0, 3)))
        with pytest.raises(ArrayIndexError, match="does not select"):
            driver.read("/empty", 0)

    def test_what_was_read_is_the_callers(self, cube: Driver) -> None:
        values = cube.read("/cube", 0)
        values[...] = 0
        assert_same_values(cube.read("/cube"), CUBE)

    def test_any_selection(self, driver: Driver) -> None:
        driver.create_array("/cube", ArraySpec(CUBE.shape, FLOATS, chunks=(2, 2, 4)), CUBE)
        driver.create_array("/line", ArraySpec((7,), FLOATS), np.arange(7.0))
        arrays = {"/cube": CUBE.copy(), "/line": np.arange(7.0)}

        @settings(max_examples=self.examples)
        @given(st.data())
        def check(data: st.DataObject) -> None:
            path = data.draw(st.sampled_from(sorted(arrays)))
            selection = data.draw(selections(arrays[path].shape))
            expected = arrays[path][selection]
            actual = driver.read(path, selection)
            assert type(actual) is type(expected)
            assert_same_values(np.asarray(actual), np.asarray(expected))
            value = data.draw(st.floats(-100, 100))
            driver.write(path, selection, value)
            arrays[path][selection] = value
            assert_same_values(driver.read(path), arrays[path])

        check()
