"""The chunks of packed scans."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5modules.backends import ArraySpec, H5Backend
from h5modules.saving import H5SaverLowLevel, pack
from h5modules.saving._chunks import CHUNK_BYTES, balanced_chunks


@given(
    nav=st.lists(st.integers(1, 3000), min_size=1, max_size=3),
    signal=st.lists(st.integers(1, 3000), min_size=1, max_size=3),
    itemsize=st.sampled_from([1, 2, 4, 8, 16]),
)
def test_chunks_fit_the_array_and_are_not_too_large(nav, signal, itemsize):
    shape = (*nav, *signal)
    chunks = balanced_chunks(shape, tuple(range(len(nav))), itemsize)
    assert all(1 <= chunk <= length for chunk, length in zip(chunks, shape, strict=True))
    assert math.prod(chunks) * itemsize <= 1.01 * CHUNK_BYTES


@pytest.mark.parametrize(
    ("shape", "nav"),
    [((40, 40, 128, 128), (0, 1)), ((100, 100, 1024), (0, 1)), ((9, 80, 60, 256), (0, 1, 2))],
    ids=str,
)
def test_a_point_and_a_map_need_about_as_much(shape, nav):
    chunks = balanced_chunks(shape, nav, 2)
    needed = [
        math.prod(-(-shape[index] // chunks[index]) for index in dimensions) * math.prod(chunks)
        for dimensions in (range(len(nav), len(shape)), nav)
    ]
    assert max(needed) < 2 * min(needed)
    assert max(needed) < math.prod(shape) / 10


def scan(path, nav_indexes):
    values = np.random.default_rng(0).integers(0, 50, (20, 20, 32, 32)).astype(np.uint16)
    with H5SaverLowLevel.from_file(path) as saver:
        array = saver.create_array(
            "/RawData", "Data00", ArraySpec(values.shape, values.dtype, placed=True), values=values
        )
        array.attrs["nav_indexes"] = nav_indexes


def test_packed_scans_have_chunks_for_both(tmp_path):
    scan(tmp_path / "scan.h5", (0, 1))
    scan(tmp_path / "image.h5", ())
    pack(tmp_path / "scan.h5")
    pack(tmp_path / "image.h5")
    with H5Backend.open(tmp_path / "scan.h5") as file:
        assert file.get_node("/RawData/Data00").info.chunks == balanced_chunks((20, 20, 32, 32), (0, 1), 2)
    with H5Backend.open(tmp_path / "image.h5") as file:
        assert file.get_node("/RawData/Data00").info.chunks is not None


def test_chunks_can_be_chosen(tmp_path):
    scan(tmp_path / "scan.h5", (0, 1))
    pack(tmp_path / "scan.h5", chunks=lambda array: (1, 1, *array.shape[2:]))
    with H5Backend.open(tmp_path / "scan.h5") as file:
        assert file.get_node("/RawData/Data00").info.chunks == (1, 1, 32, 32)
    pack(tmp_path / "scan.h5")  # what has chunks keeps them
    with H5Backend.open(tmp_path / "scan.h5") as file:
        assert file.get_node("/RawData/Data00").info.chunks == (1, 1, 32, 32)
