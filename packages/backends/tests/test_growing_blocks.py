"""The blocks by which arrays grow: few commits, and nothing old in the room that they get."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import ArraySpec, H5Backend, structure_version


def grow(file: H5Backend, name: str, row: np.ndarray, rows: int) -> None:
    """Make an array of that many rows, and leave its appender open."""
    spec = ArraySpec((0, *row.shape), row.dtype, enlargeable=True)
    appender = file.create_array("/", name, spec).appender()
    for _ in range(rows):
        appender.append(row)


def test_large_rows_need_a_commit_for_twice_as_many_each_time(tmp_path: Path) -> None:
    path = tmp_path / "log.h5"
    frame = np.ones((128, 1024))  # a row is a block
    with H5Backend.open(path, "w") as file:
        grow(file, "Frames", frame, 1)
        versions = {structure_version(path)}
        appender = file.get_node("/Frames").appender()
        for _ in range(15):
            appender.append(frame)
            versions.add(structure_version(path))
        assert len(versions) <= 1 + 5  # room for 1, 2, 4, 4, 4 more
        assert file.get_node("/Frames").shape == (16, 128, 1024)
    with h5py.File(path) as file:
        assert file["Frames"].shape == (16, 128, 1024)
        assert (file["Frames"][:] == 1).all()


@pytest.mark.parametrize("shape", [(), (1024,), (128, 128)])
def test_rows_to_come_in_room_that_held_something_read_as_if_it_had_not(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    path = tmp_path / "log.h5"
    with H5Backend.open(path, "w") as file:
        file.create_carray("/", "Old", np.full(2**20, 7.0))
        file.flush()
        file.remove_node("/Old")
        file.flush()
        grow(file, "Rows", np.ones(shape), 3)
        with h5py.File(path, locking=False) as other:
            ahead = other["Rows"][3:]
        assert len(ahead)
        assert (np.isnan(ahead) if shape == () else ahead == 0).all()


def test_an_array_is_not_longer_than_its_rows_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "log.h5"
    with H5Backend.open(path, "w") as file:
        grow(file, "Rows", np.ones(1024), 1500)
    with H5Backend.open(path, "a") as file:
        appender = file.get_node("/Rows").appender()
        appender.append(np.full(1024, 2.0))
    with h5py.File(path) as file:
        assert file["Rows"].shape == (1501, 1024)
        assert file["Rows"][1499, 0] == 1
        assert file["Rows"][1500, 0] == 2
    assert path.stat().st_blocks * 512 < 14 * 2**20  # what was made too much takes no room on the disk
