"""Large arrays are copied in blocks of whole chunks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from h5modules.backends import ArraySpec, Compression, H5Backend
from h5modules.backends._copying import _blocks


@pytest.mark.parametrize(
    ("shape", "chunks", "most"),
    [
        ((100, 10, 12, 8), (7, 3, 5, 4), 2000),
        ((5,), (1,), 2),
        ((10, 3), (1, 1), 7),
        ((3, 1000), (2, 300), 500),
        ((4, 4), (4, 4), 1),
    ],
    ids=str,
)
def test_blocks_cover_an_array_once_in_whole_chunks(shape, chunks, most):
    times = np.zeros(shape, np.uint8)
    for block in _blocks(shape, chunks, most):
        times[block] += 1
        assert times[block].size <= max(most, math.prod(chunks))
        for part, chunk, length in zip(block, chunks, shape, strict=True):
            assert part.start % chunk == 0
            assert part.stop % chunk == 0 or part.stop == length
    assert (times == 1).all()


def test_a_packed_copy_of_a_large_array(tmp_path, monkeypatch):
    monkeypatch.setattr("h5modules.backends._copying.BLOCK_BYTES", 50_000)
    values = np.arange(20 * 30 * 16 * 16, dtype="f4").reshape(20, 30, 16, 16)
    with H5Backend.open(tmp_path / "plain.h5", "w") as file:
        file.create_array("/", "Placed", ArraySpec(values.shape, values.dtype, placed=True), values=values)
        file.save_file_as(tmp_path / "packed.h5", compression=Compression("gzip", 1))
    with H5Backend.open(tmp_path / "packed.h5") as file:
        info = file.get_node("/Placed").info
        assert info.compression == Compression("gzip", 1)
        assert info.stored_bytes < values.nbytes / 2
        assert np.array_equal(file.get_node("/Placed").read(), values)
