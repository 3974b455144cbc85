"""Chunks that are packed in several threads: h5py reads what HDF5 itself would have written."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import ArraySpec, Compression, H5Backend, _h5py_chunks


@pytest.fixture(autouse=True)
def _threads(monkeypatch):
    """Let small arrays be packed in threads, on a machine of any size."""
    monkeypatch.setattr(_h5py_chunks, "_THREADS", 3)
    monkeypatch.setattr(_h5py_chunks, "_LEAST_BYTES", 1)


@pytest.fixture
def direct(monkeypatch) -> list[tuple[int, ...]]:
    """Return where the chunks lie that are packed here, and not by HDF5."""
    found: list[tuple[int, ...]] = []
    real = _h5py_chunks._ThreadedPacking._packed

    def noted(self, part):
        found.append(part.shape)
        return real(self, part)

    monkeypatch.setattr(_h5py_chunks._ThreadedPacking, "_packed", noted)
    return found


def made(path: Path, values: np.ndarray, compression: Compression, chunks: tuple[int, ...]) -> None:
    with H5Backend.open(path, "w") as file:
        spec = ArraySpec(values.shape, values.dtype, compression=compression, chunks=chunks)
        file.create_array("/", "Data", spec, values=values)


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">i4", "<f8", ">f8", "c16", "?", "f2"])
@pytest.mark.parametrize("shuffle", [True, False], ids=["shuffled", "plain"])
@pytest.mark.parametrize(
    ("shape", "chunks"), [((7, 50), (2, 16)), ((40,), (8,)), ((5, 6, 7), (5, 6, 7))], ids=str
)
def test_h5py_reads_the_values(tmp_path, direct, dtype, shuffle, shape, chunks):
    values = _numbers(shape).astype(dtype)
    made(tmp_path / "packed.h5", values, Compression("gzip", 4, shuffle=shuffle), chunks)
    with h5py.File(tmp_path / "packed.h5") as raw:
        assert raw["Data"].compression == "gzip"
        np.testing.assert_array_equal(raw["Data"][...], values)
    assert len(direct) == np.prod([-(-length // chunk) for length, chunk in zip(shape, chunks, strict=True)])


def _numbers(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(np.prod(shape)).reshape(shape) % 251


@pytest.mark.parametrize("level", [0, 1, 9])
def test_noise_that_cannot_be_packed(tmp_path, direct, level):
    values = np.random.default_rng(0).random((64, 64))
    values[3, 3] = np.nan
    made(tmp_path / "packed.h5", values, Compression("gzip", level), (16, 16))
    with h5py.File(tmp_path / "packed.h5") as raw:
        np.testing.assert_array_equal(raw["Data"][...], values)


def test_whole_chunks_of_a_part_and_what_is_not_whole(tmp_path, direct):
    values = np.zeros((10, 30))
    made(tmp_path / "packed.h5", values, Compression(), (4, 10))
    with H5Backend.open(tmp_path / "packed.h5", "a") as file:
        array = file.get_node("/Data")
        for selection, packed_here in (
            (np.s_[4:8, 10:30], 2),
            (np.s_[8:10, 0:10], 1),
            (np.s_[1:4, 0:10], 0),
            (np.s_[4:8, 0:10:2], 0),
            (np.s_[5], 0),
        ):
            direct.clear()
            part = np.random.default_rng(1).random(values[selection].shape)
            array[selection] = values[selection] = part
            assert len(direct) == packed_here, selection
            np.testing.assert_array_equal(array[...], values)
    with h5py.File(tmp_path / "packed.h5") as raw:
        np.testing.assert_array_equal(raw["Data"][...], values)


def test_other_filters_are_left_to_hdf5(tmp_path, direct):
    values = _numbers((64, 64)).astype(float)
    for number, options in enumerate(
        (
            {"compression": Compression("lz4")},
            {"compression": Compression(), "checksum": True},
        )
    ):
        path = tmp_path / f"{number}.h5"
        with H5Backend.open(path, "w") as file:
            spec = ArraySpec(values.shape, values.dtype, chunks=(16, 16), **options)
            file.create_array("/", "Data", spec, values=values)
        with H5Backend.open(path) as file:
            np.testing.assert_array_equal(file.get_node("/Data")[...], values)
    assert not direct
