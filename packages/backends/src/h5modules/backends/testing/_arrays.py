"""Arrays: dtypes, shapes, layouts, growth, rows of differing length, and writing by handle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from h5modules.backends._abilities import ALL_COMPRESSIONS, EXTENDED_FLOATS
from h5modules.backends._array_spec import ArrayInfo, ArraySpec
from h5modules.backends._compression import Compression
from h5modules.backends._driver import Driver
from h5modules.backends._errors import (
    ArrayIndexError,
    ArrayShapeError,
    ArrayTypeError,
    NodeError,
    UnsupportedError,
)

from ._cases import DTYPES, SHAPES, assert_same_rows, assert_same_values, sample
from ._files import FLOATS
from ._fixtures import DriverFixtures, Opener
from ._raw import RawReader

FILL_VALUES = {"b": True, "i": -7, "u": 200, "f": np.nan, "c": 1 - 2j, "S": b"none"}
"""For each kind of dtype, a fill value that is not zero."""


class ArrayTests(DriverFixtures):
    """Arrays of a fixed shape."""

    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    @pytest.mark.parametrize("dtype", DTYPES)
    def test_values_come_back(
        self,
        driver: Driver,
        opened: Opener,
        target: Path | str,
        look: RawReader,
        dtype: str,
        shape: tuple[int, ...],
    ) -> None:
        values = sample(np.dtype(dtype), shape)
        kept = values.copy()
        driver.create_array("/array", ArraySpec(shape, values.dtype), values)
        values[...] = np.zeros((), values.dtype)  # nobody keeps the caller's array
        assert_same_values(driver.read("/array"), kept)
        driver.close()
        with look(target) as raw:
            assert_same_values(raw.values("/array"), kept)
        again = opened(target)
        assert_same_values(again.read("/array"), kept)
        info = again.array_info("/array")
        assert (info.shape, info.enlargeable) == (shape, False)
        assert info.dtype.newbyteorder("=") == kept.dtype.newbyteorder("=")

    def test_extended_floats(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        for number, dtype in enumerate(sorted(EXTENDED_FLOATS, key=str)):
            spec, values = ArraySpec((3,), dtype), np.array([1, 2, 3], dtype) / 3
            if not self.abilities.extended_floats:
                with pytest.raises(UnsupportedError, match="more than 64 bits"):
                    driver.create_array("/array", spec, values)
                assert driver.child_names("/") == []
                continue
            driver.create_array(f"/array{number}", spec, values)
            assert_same_values(driver.read(f"/array{number}"), values)

    def test_strided_values_come_back(self, driver: Driver) -> None:
        values = np.arange(60.0).reshape(6, 10)
        for number, view in enumerate(
            [values[::2, ::3], values.T, values[::-1], np.broadcast_to(np.float64(1), (3, 2))]
        ):
            driver.create_array(f"/array{number}", ArraySpec(view.shape, view.dtype), view)
            assert_same_values(driver.read(f"/array{number}"), np.array(view))

    @pytest.mark.parametrize("dtype", dict.fromkeys(np.dtype(name).kind for name in DTYPES))
    def test_unwritten_values_are_zero(self, driver: Driver, dtype: str) -> None:
        kind = next(each for each in map(np.dtype, DTYPES) if each.kind == dtype)
        driver.create_array("/array", ArraySpec((3, 2), kind))
        driver.create_array("/growing", ArraySpec((2,), kind, enlargeable=True))
        assert_same_values(driver.read("/array"), np.zeros((3, 2), kind))
        assert_same_values(driver.read("/growing"), np.zeros(2, kind))

    @pytest.mark.parametrize("enlargeable", [False, True], ids=["fixed", "enlargeable"])
    @pytest.mark.parametrize("dtype", ["?", "i2", ">i4", "u1", "f4", ">f8", "c8", "c16", "S8"])
    def test_fill_value(
        self,
        driver: Driver,
        opened: Opener,
        target: Path | str,
        look: RawReader,
        dtype: str,
        enlargeable: bool,
    ) -> None:
        kind = np.dtype(dtype)
        fill_value = np.array(FILL_VALUES[kind.kind], kind)[()]
        spec = ArraySpec((4, 2), kind, enlargeable=enlargeable, chunks=(2, 2), fill_value=fill_value)
        if kind.kind not in self.abilities.fill_kinds:
            with pytest.raises(UnsupportedError, match="fill value"):
                driver.create_array("/array", spec)
            assert driver.kind("/array") is None
            return
        driver.create_array("/array", spec)
        driver.write("/array", 1, sample(kind, (2,)))
        expected = np.full((4, 2), fill_value, kind)
        expected[1] = sample(kind, (2,))
        driver.close()
        with look(target) as raw:
            assert_same_values(raw.values("/array"), expected)
        again = opened(target)
        assert_same_values(again.read("/array"), expected)
        assert_same_values(
            np.asarray(again.array_info("/array").fill_value, kind), np.asarray(fill_value, kind)
        )

    def test_without_a_fill_value_there_is_none(self, driver: Driver) -> None:
        driver.create_array("/array", ArraySpec((4, 2), FLOATS, chunks=(2, 2)))
        assert driver.array_info("/array").fill_value is None

    def test_chunks(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        values = np.arange(70.0).reshape(10, 7)
        driver.create_array("/array", ArraySpec(values.shape, values.dtype, chunks=(4, 3)), values)
        driver.create_array("/growing", ArraySpec((0, 7), values.dtype, enlargeable=True, chunks=(4, 3)))
        assert driver.array_info("/array").chunks == (4, 3)
        driver.close()
        with look(target) as raw:
            assert raw.layout("/array").chunks == (4, 3)
            assert raw.layout("/growing").chunks == (4, 3)
            assert raw.layout("/growing").limits == (None, 7)
            assert_same_values(raw.values("/array"), values)

    @pytest.mark.parametrize("shuffle", [False, True], ids=["plain", "shuffle"])
    @pytest.mark.parametrize("name", sorted(ALL_COMPRESSIONS))
    def test_compression(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader, name: str, shuffle: bool
    ) -> None:
        values = (np.arange(10_000, dtype="i4") // 500).reshape(100, 100)
        packed = Compression(name, 5, shuffle=shuffle)
        spec = ArraySpec(values.shape, values.dtype, compression=packed)
        if name not in self.abilities.compressions:
            with pytest.raises(UnsupportedError, match=name):
                driver.create_array("/array", spec, values)
            assert driver.kind("/array") is None
            return
        driver.create_array("/array", spec, values)
        driver.create_array("/growing", replace(spec, shape=(0, 100), enlargeable=True))
        driver.append("/growing", values)
        driver.close()
        with look(target) as raw:
            assert name in raw.layout("/array").filters
            assert name in raw.layout("/growing").filters
            assert_same_values(raw.values("/array"), values)
        again = opened(target)
        info = again.array_info("/array")
        assert info.compression is not None
        assert info.compression.name == name
        assert info.chunks is not None
        if name == "gzip":
            assert info.compression == packed
        assert 0 < info.stored_bytes <= values.nbytes
        assert info.stored_bytes < values.nbytes or not self.abilities.stored_sizes
        assert_same_values(again.read("/array"), values)
        assert_same_values(again.read("/growing"), values)

    def test_level_0_packs_nothing(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        values = np.zeros(1000)
        driver.create_array("/array", ArraySpec((1000,), FLOATS, compression=Compression(level=0)), values)
        assert driver.array_info("/array").compression is None
        driver.close()
        with look(target) as raw:
            assert "gzip" not in raw.layout("/array").filters

    def test_checksum(self, driver: Driver, opened: Opener, target: Path | str, look: RawReader) -> None:
        values = np.arange(100.0)
        spec = ArraySpec(values.shape, values.dtype, checksum=True, compression=Compression())
        if not self.abilities.checksum:
            with pytest.raises(UnsupportedError, match="checksum"):
                driver.create_array("/array", spec, values)
            assert driver.kind("/array") is None
            return
        driver.create_array("/array", spec, values)
        driver.close()
        with look(target) as raw:
            assert {"gzip", "fletcher32"} <= raw.layout("/array").filters
        again = opened(target)
        assert again.array_info("/array").checksum
        assert_same_values(again.read("/array"), values)

    @pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0)], ids=str)
    def test_array_without_room_is_not_packed(self, driver: Driver, shape: tuple[int, ...]) -> None:
        packing = Compression() if "gzip" in self.abilities.compressions else None
        values = sample(FLOATS, shape)
        spec = ArraySpec(shape, FLOATS, compression=packing, checksum=self.abilities.checksum)
        driver.create_array("/array", spec, values)
        assert driver.array_info("/array").compression is None
        assert_same_values(driver.read("/array"), values)

    def test_placed(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        spec = ArraySpec((5, 4), FLOATS, placed=True)
        if not self.abilities.placed:
            with pytest.raises(UnsupportedError, match="place"):
                driver.create_array("/array", spec)
            assert driver.kind("/array") is None
            return
        driver.create_array("/array", spec)
        driver.create_array("/filled", replace(spec, fill_value=np.nan))
        driver.create_array("/number", ArraySpec((), FLOATS, placed=True), np.array(3.0))
        info = driver.array_info("/array")
        assert (info.chunks, info.stored_bytes) == (None, 160)
        driver.write("/array", 2, np.arange(4.0))
        driver.close()
        expected = np.zeros((5, 4))
        expected[2] = np.arange(4)
        with look(target) as raw:
            assert_same_values(raw.values("/array"), expected)
            assert_same_values(raw.values("/filled"), np.full((5, 4), np.nan))
            assert_same_values(raw.values("/number"), np.array(3.0))

    def test_info(self, driver: Driver) -> None:
        driver.create_array("/array", ArraySpec((3, 2), FLOATS), np.ones((3, 2)))
        info = driver.array_info("/array")
        # Where values lie is the library's affair: a server keeps everything in chunks.
        assert info == ArrayInfo((3, 2), FLOATS, False, info.chunks, (), info.stored_bytes)
        assert info.stored_bytes >= 48


class GrowthTests(DriverFixtures):
    """Arrays that grow, and lists of rows."""

    @pytest.mark.parametrize("row", [(), (1,), (3,), (2, 3)], ids=str)
    @pytest.mark.parametrize("dtype", ["?", "i8", ">i4", "f4", ">f8", "c16", "S8"])
    def test_append(
        self,
        driver: Driver,
        opened: Opener,
        target: Path | str,
        look: RawReader,
        dtype: str,
        row: tuple[int, ...],
    ) -> None:
        values = sample(np.dtype(dtype), (7, *row))
        driver.create_array("/growing", ArraySpec((0, *row), values.dtype, enlargeable=True))
        assert_same_values(driver.read("/growing"), values[:0])
        driver.append("/growing", values[:1])
        driver.append("/growing", values[1:1])
        driver.append("/growing", values[1:4])
        driver.close()
        again = opened(target, "r+")
        again.append("/growing", values[4:])
        assert_same_values(again.read("/growing"), values)
        again.close()
        with look(target) as raw:
            assert_same_values(raw.values("/growing"), values)
            assert raw.layout("/growing").limits == (None, *row)

    def test_array_with_rows_from_the_start(self, driver: Driver) -> None:
        values = np.arange(6.0).reshape(3, 2)
        driver.create_array("/growing", ArraySpec((3, 2), FLOATS, enlargeable=True), values)
        driver.append("/growing", values[:1])
        assert_same_values(driver.read("/growing"), np.concatenate([values, values[:1]]))
        assert driver.array_info("/growing").enlargeable

    @pytest.mark.parametrize("shape", [(), (2,), (1, 3), (2, 2, 1), (1, 1, 2)], ids=str)
    def test_rows_of_another_shape_are_refused(self, driver: Driver, shape: tuple[int, ...]) -> None:
        driver.create_array("/growing", ArraySpec((0, 2), FLOATS, enlargeable=True))
        with pytest.raises(ArrayShapeError, match="/growing"):
            driver.append("/growing", np.zeros(shape))
        assert driver.array_info("/growing").shape == (0, 2)

    @pytest.mark.parametrize(
        "values", [np.zeros((1, 2), "c16"), np.array([[b"a", b"b"]])], ids=["complex", "bytes"]
    )
    def test_rows_of_another_type_are_refused(self, driver: Driver, values: Any) -> None:
        driver.create_array("/growing", ArraySpec((0, 2), FLOATS, enlargeable=True))
        with pytest.raises(ArrayTypeError, match="/growing"):
            driver.append("/growing", values)
        assert driver.array_info("/growing").shape == (0, 2)

    def test_fixed_array_does_not_grow(self, driver: Driver) -> None:
        driver.create_array("/array", ArraySpec((1, 2), FLOATS))
        with pytest.raises(NodeError, match=r"/array.* not enlargeable"):
            driver.append("/array", np.zeros((1, 2)))

    @pytest.mark.parametrize("dtype", ["?", "u1", "i8", ">i4", "f8", "c16", "S3"])
    def test_rows(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader, dtype: str
    ) -> None:
        kind = np.dtype(dtype)
        rows = [sample(kind, (length,)) for length in (3, 0, 1, 5, 5)]
        driver.create_ragged("/rows", kind)
        assert driver.read("/rows") == []
        for row in rows[:3]:
            driver.append("/rows", row)
        driver.close()
        again = opened(target, "a")
        for row in rows[3:]:
            again.append("/rows", row)
        assert_same_rows(again.read("/rows"), rows)
        info = again.array_info("/rows")
        assert (info.shape, info.enlargeable) == ((5,), True)
        assert info.dtype.newbyteorder("=") == kind.newbyteorder("=")
        again.close()
        with look(target) as raw:
            assert_same_rows(raw.values("/rows"), rows)

    def test_rows_are_selected(self, driver: Driver) -> None:
        rows = [np.arange(length, dtype="i4") for length in (1, 0, 3, 2)]
        driver.create_ragged("/rows", "i4")
        for row in rows:
            driver.append("/rows", row)
        for selection in (..., (), slice(None), slice(1, 3), slice(None, None, -1), [2, 0], slice(9, 10)):
            expected = rows if selection == () else [rows[i] for i in np.atleast_1d(np.arange(4)[selection])]
            assert_same_rows(driver.read("/rows", selection), expected)
        for index in (0, -1, np.int64(2)):
            assert_same_values(driver.read("/rows", index), rows[index])
        for bad in (4, -5, "a", [9], 1.5, (0, 0)):
            with pytest.raises(ArrayIndexError, match="does not select"):
                driver.read("/rows", bad)

    def test_rows_are_never_replaced(self, driver: Driver) -> None:
        driver.create_ragged("/rows", FLOATS)
        driver.append("/rows", np.arange(3.0))
        with pytest.raises(UnsupportedError, match="appended"):
            driver.write("/rows", 0, np.zeros(3))
        with pytest.raises(NodeError, match="/rows"):
            driver.writer("/rows")
        assert_same_rows(driver.read("/rows"), [np.arange(3.0)])

    @pytest.mark.parametrize("row", [np.zeros((2, 2)), np.float64(1)], ids=["2D", "0D"])
    def test_row_of_other_dimensions_is_refused(self, driver: Driver, row: Any) -> None:
        driver.create_ragged("/rows", FLOATS)
        with pytest.raises(ArrayShapeError, match="/rows"):
            driver.append("/rows", row)
        assert driver.read("/rows") == []

    def test_row_of_another_type_is_refused(self, driver: Driver) -> None:
        driver.create_ragged("/rows", "u1")
        with pytest.raises(ArrayTypeError, match="/rows"):
            driver.append("/rows", np.array([300]))
        assert driver.read("/rows") == []

    @pytest.mark.parametrize("dtype", ["O", "U3", "M8[s]", "S", "V4"])
    def test_rows_of_what_hdf5_has_not_are_refused(self, driver: Driver, dtype: str) -> None:
        with pytest.raises(ArrayTypeError, match="an array holds"):
            driver.create_ragged("/rows", dtype)
        assert driver.kind("/rows") is None

    def test_compressed_rows(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        rows = [np.zeros(1000), np.ones(500)]
        packing = Compression("gzip", 4)
        if self.abilities.refusal_of_rows(packing):
            with pytest.raises(UnsupportedError, match="compress"):
                driver.create_ragged("/rows", FLOATS, packing)
            assert driver.kind("/rows") is None
            return
        driver.create_ragged("/rows", FLOATS, packing)
        for row in rows:
            driver.append("/rows", row)
        driver.close()
        with look(target) as raw:
            assert_same_rows(raw.values("/rows"), rows)
