"""Arrays through PyTables: how they lie in the file, what other libraries see, and what theirs are here."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest
import tables

from h5modules.backends import (
    ArraySpec,
    ArrayTypeError,
    Compression,
    FileFormatError,
    NodeError,
    NodeKind,
    UnsupportedError,
)
from h5modules.backends._tables import PyTablesDriver

FLOATS = np.dtype("f8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.h5"


@pytest.fixture
def driver(path: Path) -> Iterator[PyTablesDriver]:
    driver = PyTablesDriver.open(path, "w")
    yield driver
    driver.close()


def as_made_by_h5py(path: Path, **datasets: Any) -> PyTablesDriver:
    with h5py.File(path, "w") as raw:
        for name, options in datasets.items():
            raw.create_dataset(name, **options)
    return PyTablesDriver.open(path, "r+")


# Placed arrays, and the writer


def test_placed_array_has_its_place_at_once(driver: PyTablesDriver, path: Path) -> None:
    driver.create_array("/placed", ArraySpec((100, 100), FLOATS, placed=True))
    assert driver.array_info("/placed").stored_bytes == 80_000
    assert driver.array_info("/placed").chunks is None
    driver.create_array("/later", ArraySpec((10,), FLOATS), np.ones(10))
    driver.close()
    with h5py.File(path) as raw:
        assert raw["placed"].id.get_offset() < raw["later"].id.get_offset()
        assert not raw["placed"][...].any()


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0)])
@pytest.mark.parametrize("dtype", ["?", ">i4", "f8", "c16", "S3"])
def test_placed_array_of_any_kind(driver: PyTablesDriver, shape: tuple[int, ...], dtype: str) -> None:
    driver.create_array("/placed", ArraySpec(shape, np.dtype(dtype), placed=True))
    assert np.array_equal(driver.read("/placed"), np.zeros(shape, dtype))


@pytest.mark.parametrize("placed", [True, False])
@pytest.mark.parametrize(("dtype", "fill_value"), [("f8", np.nan), (">i4", 7), ("?", True), ("S3", b"ab")])
def test_filled_array_lies_in_one_piece(
    driver: PyTablesDriver, path: Path, dtype: str, fill_value: Any, placed: bool
) -> None:
    driver.create_array("/filled", ArraySpec((3, 5), np.dtype(dtype), fill_value=fill_value, placed=placed))
    driver.writer("/filled").write((1,), np.zeros(5, dtype))
    expected = np.full((3, 5), fill_value, dtype)
    expected[1] = np.zeros(5, dtype)
    assert driver.array_info("/filled").fill_value.tobytes() == expected[0, 0].astype(dtype).tobytes()
    driver.close()
    with h5py.File(path) as raw:
        assert raw["filled"].chunks is None
        assert raw["filled"].id.get_offset() is not None
        assert np.array_equal(raw["filled"][...].astype(dtype), expected, equal_nan=dtype == "f8")


@pytest.mark.parametrize("placed", [True, False])
def test_point_is_with_the_system_when_write_returns(
    driver: PyTablesDriver, path: Path, placed: bool
) -> None:
    driver.create_array("/scan", ArraySpec((4, 5, 3), FLOATS, placed=placed))
    driver.flush()
    writer = driver.writer("/scan")
    for number in range(4):
        writer.write((number, 2), np.full(3, number + 1.0))
        with h5py.File(path, "r", locking=False) as raw:
            assert np.array_equal(raw["scan"][: number + 1, 2, 0], np.arange(1.0, number + 2))


def test_writer_of_compressed_points(driver: PyTablesDriver, path: Path) -> None:
    spec = ArraySpec((4, 300), FLOATS, chunks=(1, 300), compression=Compression(), checksum=True)
    driver.create_array("/scan", spec)
    writer = driver.writer("/scan")
    writer.write((2,), np.arange(300.0))
    with h5py.File(path, "r", locking=False) as raw:
        assert np.array_equal(raw["scan"][2], np.arange(300.0))


def test_writer_stays_good_when_its_array_moves(driver: PyTablesDriver) -> None:
    driver.create_group("/here")
    driver.create_array("/here/scan", ArraySpec((3,), FLOATS, placed=True))
    writer = driver.writer("/here/scan")
    writer.write((0,), np.array(1.0))
    driver.move("/here", "/there")
    driver.create_group("/here")
    driver.create_array("/here/scan", ArraySpec((3,), FLOATS), np.full(3, 7.0))
    writer.write((1,), np.array(2.0))
    assert np.array_equal(driver.read("/there/scan"), [1.0, 2.0, 0.0])
    assert np.array_equal(driver.read("/here/scan"), [7.0, 7.0, 7.0])


def test_two_writers_and_a_reader_of_one_array(driver: PyTablesDriver) -> None:
    driver.create_array("/scan", ArraySpec((0, 2), FLOATS, enlargeable=True))
    driver.link("/scan", "/second")
    driver.append("/scan", np.zeros((1, 2)))
    first, second = driver.writer("/scan"), driver.writer("/second")
    driver.append("/second", np.zeros((1, 2)))
    first.write((1,), np.ones(2))
    second.write((0, 1), np.array(3.0))
    assert np.array_equal(driver.read("/scan"), [[0, 3], [1, 1]])
    assert driver.array_info("/second").shape == (2, 2)


if os.name == "posix":  # no other system limits the size of a file

    def test_writer_tells_when_the_disk_is_full(path: Path) -> None:
        code = """
            import resource, signal, sys
            import numpy as np
            from h5modules.backends import ArraySpec, FileError
            from h5modules.backends._tables import PyTablesDriver

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            file = PyTablesDriver.open(sys.argv[1], "w")
            file.create_array("/scan", ArraySpec((1000, 1000), np.dtype("f8"), placed=True))
            writer = file.writer("/scan")
            writer.write((0,), np.ones(1000))
            file.flush()
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            for number in range(1, 1000):
                try:
                    writer.write((number,), np.ones(1000))
                except FileError as error:
                    print(number, error)
                    break
        """
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), str(path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        number, _, message = done.stdout.partition(" ")
        assert "writing point" in message, done
        with h5py.File(path, locking=False) as raw:
            assert raw["scan"][: int(number)].all()


# Packing


def test_blosc2_is_read_by_h5py(driver: PyTablesDriver, path: Path) -> None:
    values = np.arange(6000.0).reshape(60, 100)
    spec = ArraySpec(values.shape, FLOATS, chunks=(10, 100), compression=Compression("blosc2", 5))
    driver.create_array("/packed", spec, values)
    assert driver.array_info("/packed").compression == Compression("blosc2", 5)
    driver.close()
    with h5py.File(path) as raw:
        assert np.array_equal(raw["packed"][...], values)


@pytest.mark.parametrize("name", ["lz4", "zstd", "bitshuffle"])
def test_what_pytables_does_not_pack_is_refused(driver: PyTablesDriver, name: str) -> None:
    spec = ArraySpec((10,), FLOATS, compression=Compression(name))
    with pytest.raises(UnsupportedError, match=f"'{name}'; choose one of: blosc2, gzip"):
        driver.create_array("/packed", spec)
    with pytest.raises(UnsupportedError, match=f"'{name}'; choose one of: blosc2, gzip"):
        driver.create_ragged("/rows", FLOATS, Compression(name))
    assert driver.child_names("/") == []


PACKED = {
    "lz4": hdf5plugin.LZ4(),
    "zstd": hdf5plugin.Zstd(),
    "bitshuffle": hdf5plugin.Bitshuffle(cname="lz4"),
    "blosc2": hdf5plugin.Blosc2(cname="zstd", clevel=5, filters=hdf5plugin.Blosc2.BITSHUFFLE),
    "blosc": hdf5plugin.Blosc(),
}


@pytest.mark.parametrize("name", PACKED)
def test_filters_of_hdf5plugin_are_read(path: Path, name: str) -> None:
    values = np.arange(1000, dtype="f4")
    driver = as_made_by_h5py(path, packed={"data": values, "chunks": (100,), **PACKED[name]})
    assert driver.kind("/packed") is NodeKind.CARRAY
    assert np.array_equal(driver.read("/packed"), values)
    driver.write("/packed", slice(0, 50), 7.0)
    assert driver.read("/packed", 10) == 7.0
    driver.close()


def test_missing_filter_is_named(path: Path) -> None:
    # The filter 'lzf' is in h5py alone.
    driver = as_made_by_h5py(path, packed={"data": np.arange(100.0), "chunks": (10,), "compression": "lzf"})
    assert driver.kind("/packed") is NodeKind.UNREADABLE
    message = r"filter 'lzf' \(number 32000\), which is not here. Open the file with the backend 'h5py'"
    assert "lzf" in driver.problem("/packed")
    with pytest.raises(FileFormatError, match=message):
        driver.read("/packed")
    with pytest.raises(FileFormatError, match=message):
        driver.array_info("/packed")
    with pytest.raises(UnsupportedError, match="lzf"):
        driver.write("/packed", 0, 1.0)
    driver.copy("/packed", "/twin")
    driver.close()
    with h5py.File(path) as raw:
        assert np.array_equal(raw["twin"][...], np.arange(100.0))


def test_damaged_chunk_is_told(path: Path) -> None:
    driver = PyTablesDriver.open(path, "w")
    driver.create_array(
        "/checked", ArraySpec((1000,), FLOATS, checksum=True, chunks=(1000,)), np.arange(1000.0)
    )
    driver.close()
    content = bytearray(path.read_bytes())
    place = content.index(np.arange(500.0, 503).tobytes())
    content[place] ^= 0xFF
    path.write_bytes(content)
    driver = PyTablesDriver.open(path, "r")
    with pytest.raises(FileFormatError, match=r"reading '/checked' in .* failed"):
        driver.read("/checked")
    driver.close()


# Arrays of others


def test_booleans_of_h5py_stay_booleans_there(path: Path) -> None:
    driver = as_made_by_h5py(
        path,
        fixed={"data": np.array([True, False])},
        growing={"shape": (0,), "maxshape": (None,), "dtype": bool},
        one={"data": True},
    )
    driver.write("/fixed", 1, True)
    driver.append("/growing", np.array([True, False, True]))
    driver.writer("/growing").write((1,), np.array(True))
    assert driver.read("/fixed").dtype == bool
    assert driver.read("/growing").all()
    assert driver.read("/one") == np.array(True)
    driver.close()
    with h5py.File(path) as raw:
        assert raw["growing"].dtype == bool
        assert raw["growing"][...].tolist() == [True, True, True]
        assert raw["fixed"][...].tolist() == [True, True]


def test_rows_of_h5py_grow(path: Path) -> None:
    driver = as_made_by_h5py(path, rows={"shape": (0,), "maxshape": (None,), "dtype": h5py.vlen_dtype("u1")})
    for row in (b"abc", b"", b"defgh"):
        driver.append("/rows", np.frombuffer(row, np.uint8))
    assert [row.tobytes() for row in driver.read("/rows")] == [b"abc", b"", b"defgh"]
    driver.close()
    with h5py.File(path) as raw:
        assert raw["rows"][2].tobytes() == b"defgh"


@pytest.mark.parametrize("dtype", [">i2", ">u8", ">f4", ">f8", ">c8", ">c16", "<c16"])
@pytest.mark.parametrize("maker", ["h5py", "tables"])
def test_rows_in_either_order_of_bytes(path: Path, dtype: str, maker: str) -> None:
    row = np.array([1.5, -2]).astype(dtype)
    if maker == "h5py":
        driver = as_made_by_h5py(
            path, rows={"shape": (1,), "maxshape": (None,), "dtype": h5py.vlen_dtype(row.dtype)}
        )
    else:
        driver = PyTablesDriver.open(path, "w")
        driver.create_ragged("/rows", dtype)
    driver.append("/rows", row)
    assert np.array_equal(driver.read("/rows", -1), row)
    driver.close()
    # h5py reads the bytes of such rows without minding their order: so what lies in the file is looked at.
    assert row.tobytes() in path.read_bytes()
    with h5py.File(path) as raw:
        assert h5py.check_vlen_dtype(raw["rows"].dtype) == row.dtype


def test_packed_rows(driver: PyTablesDriver, path: Path) -> None:
    driver.create_ragged("/rows", "i4", Compression("gzip", 9))
    for length in range(5):
        driver.append("/rows", np.arange(length, dtype="i4"))
    assert driver.array_info("/rows").compression == Compression("gzip", 9)
    driver.close()
    with tables.open_file(str(path)) as raw:
        assert [row.tolist() for row in raw.root.rows.read()] == [list(range(length)) for length in range(5)]


def test_records_and_texts_are_read(path: Path) -> None:
    records = np.array([(1, 2.5, b"ab"), (3, 4.0, b"c")], dtype=[("a b", "i4"), ("class", "f8"), ("s", "S3")])
    texts = np.array(["a", "é", ""], object)
    driver = as_made_by_h5py(
        path,
        records={"data": records},
        grid={"data": np.zeros((2, 3), [("x", "i4")])},
        texts={"data": texts, "dtype": h5py.string_dtype()},
        text={"data": "alone", "dtype": h5py.string_dtype()},
    )
    assert np.array_equal(driver.read("/records"), records)
    assert driver.read("/records", 1)["class"] == 4.0
    assert driver.read("/grid").shape == (2, 3)
    assert driver.read("/texts").tolist() == ["a", "é", ""]
    assert driver.read("/texts", 1) == "é"
    assert driver.read("/text", ()) == "alone"
    for name in ("/records", "/texts"):
        with pytest.raises(UnsupportedError, match="cannot be written"):
            driver.write(name, 0, 0)
        with pytest.raises(NodeError, match="not an array of fixed rows"):
            driver.writer(name)
        with pytest.raises(NodeError, match="not enlargeable"):
            driver.append(name, np.zeros(1))
    driver.close()


def test_text_filled_with_spaces(path: Path) -> None:
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(6)
    kind.set_strpad(h5py.h5t.STR_SPACEPAD)
    with h5py.File(path, "w") as raw:
        space = h5py.h5s.create_simple((2,))
        stored = h5py.h5d.create(raw.id, b"text", kind, space)
        stored.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab    ", b"abcdef"]), kind)
        h5py.h5a.create(raw.id, b"note", kind, h5py.h5s.create(h5py.h5s.SCALAR)).write(
            np.array(b"cd    "), kind
        )
    driver = PyTablesDriver.open(path, "r")
    assert driver.read("/text").tolist() == [b"ab", b"abcdef"]
    assert driver.read_attribute("/", "note") == "cd"
    driver.close()


def test_arrays_that_grow_elsewhere(path: Path) -> None:
    driver = as_made_by_h5py(
        path,
        second={"shape": (2, 3), "maxshape": (2, None), "dtype": "f8"},
        both={"shape": (2, 3), "maxshape": (None, None), "dtype": "f8"},
        limited={"shape": (2,), "maxshape": (5,), "dtype": "f8"},
    )
    assert driver.kind("/second") is NodeKind.CARRAY
    assert driver.kind("/limited") is NodeKind.CARRAY
    assert driver.kind("/both") is NodeKind.EARRAY
    driver.write("/second", (1, 2), 5.0)
    driver.append("/both", np.ones((1, 3)))
    with pytest.raises(NodeError, match="not enlargeable"):
        driver.append("/second", np.ones((1, 3)))
    driver.close()
    with h5py.File(path) as raw:
        assert raw["both"].shape == (3, 3)
        assert raw["second"][1, 2] == 5.0


def test_append_fails_whole(path: Path) -> None:
    driver = as_made_by_h5py(path, rows={"shape": (2, 2), "maxshape": (None, 2), "dtype": "i2"})
    with pytest.raises(ArrayTypeError, match="70000 is out of its range"):
        driver.append("/rows", np.array([[1, 70_000]]))
    assert driver.array_info("/rows").shape == (2, 2)
    driver.close()


@pytest.mark.parametrize("dtype", ["f8", ">f8", "i2", ">i2", "?", "c8", "S3"])
@pytest.mark.parametrize("layout", ["plain", "chunks", "growing"])
def test_values_that_lie_apart_in_memory(driver: PyTablesDriver, path: Path, dtype: str, layout: str) -> None:
    source = np.arange(60).reshape(6, 10).astype(dtype)
    views = [source[::2, ::-3], source.T, np.broadcast_to(source[0], (4, 10)), np.asfortranarray(source)]
    for number, view in enumerate(views):
        spec = ArraySpec(
            view.shape,
            view.dtype,
            enlargeable=layout == "growing",
            chunks=(1, 2) if layout == "chunks" else None,
        )
        driver.create_array(f"/a{number}", spec, view)
        driver.write(f"/a{number}", 0, view[-1])
    driver.close()
    with h5py.File(path) as raw:
        for number, view in enumerate(views):
            expected = np.array(view)
            expected[0] = view[-1]
            assert np.array_equal(raw[f"a{number}"][...].astype(view.dtype), expected)
