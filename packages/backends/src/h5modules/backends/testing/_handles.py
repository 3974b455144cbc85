"""Writing by handle: points of an array, rows of a growing one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from h5modules.backends._array_spec import ArraySpec
from h5modules.backends._compression import Compression
from h5modules.backends._driver import Driver
from h5modules.backends._errors import ArrayIndexError, ArrayShapeError, ArrayTypeError, NodeError
from h5modules.backends._handles import Appender, Writer

from ._cases import DTYPES, assert_same_values, sample
from ._files import FLOATS
from ._fixtures import DriverFixtures, Opener
from ._raw import RawReader


class WriterTests(DriverFixtures):
    """Writing by handle."""

    @pytest.mark.parametrize("placed", [False, True], ids=["plain", "placed"])
    @pytest.mark.parametrize("leading", [0, 1, 2, 3])
    def test_points(
        self, driver: Driver, target: Path | str, look: RawReader, leading: int, placed: bool
    ) -> None:
        shape = (2, 3, 4)
        expected = np.zeros(shape)
        driver.create_array("/array", ArraySpec(shape, FLOATS, placed=placed and self.abilities.placed))
        writer = driver.writer("/array")
        assert isinstance(writer, Writer)
        for number, index in enumerate(np.ndindex(*shape[:leading])):
            if number % 3 != 1:
                expected[index] = number + np.arange(np.prod(shape[leading:])).reshape(shape[leading:])
                writer.write(index, np.array(expected[index]))
        driver.close()
        with look(target) as raw:
            assert_same_values(raw.values("/array"), expected)

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_dtypes(self, driver: Driver, target: Path | str, look: RawReader, dtype: str) -> None:
        values = sample(np.dtype(dtype), (4, 3))
        driver.create_array("/array", ArraySpec(values.shape, values.dtype))
        writer = driver.writer("/array")
        for number, row in enumerate(values.astype(driver.array_info("/array").dtype)):
            writer.write((number,), row)
        driver.close()
        with look(target) as raw:
            assert_same_values(raw.values("/array"), values)

    def test_two_writers_and_the_driver_agree(self, driver: Driver) -> None:
        driver.create_array("/one", ArraySpec((3,), FLOATS))
        driver.create_array("/two", ArraySpec((3,), FLOATS))
        one, two = driver.writer("/one"), driver.writer("/two")
        one.write((0,), np.array(1.0))
        two.write((0,), np.array(2.0))
        driver.write("/one", 1, 3.0)
        one.write((2,), np.array(4.0))
        assert_same_values(driver.read("/one"), np.array([1.0, 3, 4]))
        assert_same_values(driver.read("/two"), np.array([2.0, 0, 0]))

    def test_writer_of_a_grown_array(self, driver: Driver) -> None:
        driver.create_array("/growing", ArraySpec((1, 2), FLOATS, enlargeable=True))
        writer = driver.writer("/growing")
        driver.append("/growing", np.zeros((2, 2)))
        writer.write((2,), np.ones(2))
        assert_same_values(driver.read("/growing"), np.array([[0.0, 0], [0, 0], [1, 1]]))

    @pytest.mark.parametrize("index", [(3,), (-1,), (0, 2), (0, 0, 0), (10**12,)], ids=str)
    def test_index_outside_is_refused(self, driver: Driver, index: tuple[int, ...]) -> None:
        driver.create_array("/array", ArraySpec((3, 2), FLOATS))
        with pytest.raises(ArrayIndexError, match="/array"):
            driver.writer("/array").write(index, np.zeros((3, 2)[len(index) :]))
        assert_same_values(driver.read("/array"), np.zeros((3, 2)))

    def test_values_that_do_not_fit_are_refused(self, driver: Driver) -> None:
        driver.create_array("/array", ArraySpec((3, 2), FLOATS))
        writer = driver.writer("/array")
        for shape in [(), (1,), (3,), (1, 2)]:
            with pytest.raises(ArrayShapeError, match="/array"):
                writer.write((0,), np.ones(shape))
        for dtype in ["f4", "i8", "c16", "S8"]:
            with pytest.raises(ArrayTypeError, match="/array"):
                writer.write((0,), np.ones(2).astype(dtype))
        assert_same_values(driver.read("/array"), np.zeros((3, 2)))


class AppenderTests(DriverFixtures):
    """Adding rows by handle."""

    @pytest.mark.parametrize("row", [(), (1,), (3,), (2, 3)], ids=str)
    @pytest.mark.parametrize("dtype", ["?", "i8", ">i4", "f4", ">f8", "c16", "S8"])
    def test_rows_are_added(
        self,
        driver: Driver,
        opened: Opener,
        target: Path | str,
        look: RawReader,
        dtype: str,
        row: tuple[int, ...],
    ) -> None:
        values = sample(np.dtype(dtype), (6, *row))
        driver.create_array("/growing", ArraySpec((0, *row), values.dtype, enlargeable=True))
        stored = values.astype(driver.array_info("/growing").dtype)
        appender = driver.appender("/growing")
        assert isinstance(appender, Appender)
        assert appender.length == 0
        for number in range(4):
            appender.append(stored[number, ...])
            assert appender.length == number + 1
            assert_same_values(driver.read("/growing"), values[: number + 1])
            assert driver.array_info("/growing").shape == (number + 1, *row)
        driver.close()
        again = opened(target, "r+")
        appender = again.appender("/growing")
        assert appender.length == 4
        appender.append(stored[4, ...])
        appender.append(stored[5, ...])
        again.close()
        with look(target) as raw:
            assert_same_values(raw.values("/growing"), values)
            assert raw.layout("/growing").limits == (None, *row)

    def test_appender_and_driver_agree(self, driver: Driver) -> None:
        driver.create_array("/growing", ArraySpec((1, 2), FLOATS, enlargeable=True), np.zeros((1, 2)))
        one, writer = driver.appender("/growing"), driver.writer("/growing")
        one.append(np.full(2, 1.0))
        driver.append("/growing", np.full((2, 2), 2.0))
        assert one.length == 4
        one.append(np.full(2, 4.0))
        driver.write("/growing", 1, 10.0)
        writer.write((4,), np.full(2, 40.0))
        assert_same_values(driver.read("/growing", (slice(None), 0)), np.array([0.0, 10, 2, 2, 40]))
        with pytest.raises(ArrayIndexError, match="/growing"):
            writer.write((5,), np.zeros(2))
        with pytest.raises(ArrayIndexError):
            driver.read("/growing", 5)

    def test_two_appenders_agree(self, driver: Driver) -> None:
        driver.create_array("/growing", ArraySpec((0,), FLOATS, enlargeable=True))
        one, two = driver.appender("/growing"), driver.appender("/growing")
        for number in range(3):
            one.append(np.array(2.0 * number))
            two.append(np.array(2.0 * number + 1))
        assert (one.length, two.length) == (6, 6)
        assert_same_values(driver.read("/growing"), np.arange(6.0))

    def test_appended_array_can_be_flushed_moved_and_deleted(
        self, driver: Driver, target: Path | str, look: RawReader
    ) -> None:
        for name in ("one", "two"):
            driver.create_array(f"/{name}", ArraySpec((0,), FLOATS, enlargeable=True))
        one, two = driver.appender("/one"), driver.appender("/two")
        one.append(np.array(1.0))
        two.append(np.array(1.0))
        driver.flush()
        driver.move("/one", "/three")
        driver.delete("/two")
        one.append(np.array(2.0))
        driver.close()
        with look(target) as raw:
            assert raw.names("/") == ["three"]
            assert_same_values(raw.values("/three"), np.array([1.0, 2]))

    def test_copy_holds_the_rows_that_are_there(
        self, driver: Driver, target: Path | str, look: RawReader
    ) -> None:
        driver.create_array("/growing", ArraySpec((0,), FLOATS, enlargeable=True))
        appender = driver.appender("/growing")
        appender.append(np.array(1.0))
        driver.copy("/growing", "/copy")
        appender.append(np.array(2.0))
        assert_same_values(driver.read("/copy"), np.array([1.0]))
        driver.close()
        with look(target) as raw:
            assert_same_values(raw.values("/copy"), np.array([1.0]))
            assert_same_values(raw.values("/growing"), np.array([1.0, 2]))

    def test_fill_value_is_kept(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        spec = ArraySpec((0, 2), FLOATS, enlargeable=True, chunks=(3, 2), fill_value=np.nan)
        driver.create_array("/growing", spec)
        appender = driver.appender("/growing")
        for number in range(4):
            appender.append(np.full(2, float(number)))
        assert driver.array_info("/growing").chunks == (3, 2)
        driver.close()
        with look(target) as raw:
            assert_same_values(raw.values("/growing"), np.repeat(np.arange(4.0), 2).reshape(4, 2))
            assert np.isnan(raw.layout("/growing").fill_value)

    def test_compressed_rows_are_added(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        spec = ArraySpec((0, 100), FLOATS, enlargeable=True, compression=Compression())
        driver.create_array("/growing", spec)
        appender = driver.appender("/growing")
        for number in range(20):
            appender.append(np.full(100, float(number)))
        driver.close()
        with look(target) as raw:
            assert "gzip" in raw.layout("/growing").filters
            assert_same_values(raw.values("/growing"), np.repeat(np.arange(20.0), 100).reshape(20, 100))

    def test_rows_that_do_not_fit_are_refused(self, driver: Driver) -> None:
        driver.create_array("/growing", ArraySpec((0, 2), FLOATS, enlargeable=True))
        appender = driver.appender("/growing")
        for shape in [(), (1,), (3,), (1, 2)]:
            with pytest.raises(ArrayShapeError, match="/growing"):
                appender.append(np.ones(shape))
        for dtype in ["f4", "i8", "c16", "S8"]:
            with pytest.raises(ArrayTypeError, match="/growing"):
                appender.append(np.ones(2).astype(dtype))
        assert appender.length == 0
        assert driver.array_info("/growing").shape == (0, 2)

    def test_strided_row(self, driver: Driver) -> None:
        driver.create_array("/growing", ArraySpec((0, 2, 3), FLOATS, enlargeable=True))
        row = np.arange(24.0).reshape(6, 4).T[::2, ::2]
        driver.appender("/growing").append(row)
        assert_same_values(driver.read("/growing", 0), np.array(row))

    def test_only_arrays_that_grow_have_one(self, driver: Driver) -> None:
        driver.create_array("/array", ArraySpec((1, 2), FLOATS))
        driver.create_ragged("/rows", FLOATS)
        driver.create_group("/group")
        for path in ("/array", "/rows", "/group", "/nothing"):
            with pytest.raises(NodeError, match=path):
                driver.appender(path)
