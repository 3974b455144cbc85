from __future__ import annotations

import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from h5modules.backends import ArraySpec, H5Backend
from h5modules.saving import (
    FILL_LIMIT,
    H5SaverLowLevel,
    count_points,
    fill_points,
    record_of,
    recorded_groups,
    recover,
)

FLOAT, COUNT = np.dtype(float), np.dtype("u2")


def scan(saver, shape, point=(3,), where="/RawData", name="Scan000"):
    """Make a scan of a float and an integer signal, of which nothing is acquired."""
    group = saver.get_set_group(where, name)
    placed = saver.driver.abilities.placed
    nav = tuple(range(len(shape)))
    for title, dtype in (("Data00", FLOAT), ("Data01", COUNT)):
        array = saver.create_array(group, title, ArraySpec((*shape, *point), dtype, placed=placed))
        array.attrs.write({"nav_indexes": nav, "data_type": "data"})
    saver.create_array(group, "Other", ArraySpec((7,), FLOAT, placed=placed))
    saver.create_array(group, "Acquired", ArraySpec(shape, np.dtype("u4"), placed=placed))
    return group


def acquire(group, index, number):
    for name in ("Data00", "Data01"):
        group.get_child(name)[index] = number
    group.get_child("Acquired")[index] = number


@pytest.mark.parametrize("library", ["h5py", "tables", "memory"])
@pytest.mark.parametrize("shape", [(4,), (2, 3)])
def test_points_not_acquired_read_nan_when_the_file_is_closed(tmp_path, library, shape):
    path = tmp_path / "scan.h5"
    saver = H5SaverLowLevel.from_file(path, backend=library)
    group = scan(saver, shape)
    acquire(group, (0,) * len(shape), 1)
    saver.finish_at_close(group)
    saver.close_file()
    saver.init_file(path, mode="r")
    values, numbers = (saver.get_node(f"/RawData/Scan000/{name}").read() for name in ("Data00", "Data01"))
    first = (0,) * len(shape)
    assert (values[first] == 1).all()
    assert np.isnan(values).sum() == values.size - 3
    assert numbers.sum() == 3  # there is no NaN among the integers
    assert not saver.get_node("/RawData/Scan000/Other").read().any()
    (found,) = [count_points(*each) for each in recorded_groups(saver)]
    assert (found.acquired, found.total, found.is_filled) == (1, values.size // 3, True)
    assert str(found) == f"/RawData/Scan000: 1 of {values.size // 3} points"
    saver.close_file()


def test_a_large_scan_is_filled_when_it_is_asked_for(tmp_path):
    path = tmp_path / "large.h5"
    points = FILL_LIMIT // (1024 * 8) + 2
    with H5SaverLowLevel.from_file(path) as saver:
        group = scan(saver, (points,), (1024,))
        acquire(group, (1,), 1)
        saver.finish_at_close(group)
    with H5SaverLowLevel.from_file(path) as saver:
        group = saver.get_node("/RawData/Scan000")
        record = record_of(group)
        found = count_points(group, record)
        assert (found.acquired, found.total, found.is_filled, found.is_complete) == (1, points, False, False)
        steps = []
        assert fill_points(group, record, float("inf"), lambda *step: steps.append(step)).is_filled
        assert steps == [(1, 1)]
        assert np.isnan(group.get_child("Data00")[points - 1]).all()
        assert not np.isnan(group.get_child("Data00")[1]).any()


def test_a_complete_scan_is_left_as_it_is(tmp_path):
    path = tmp_path / "scan.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        group = scan(saver, (2,))
        acquire(group, (0,), 1)
        acquire(group, (1,), 2)
        saver.finish_at_close(group)
    with h5py.File(path) as raw:
        assert "filled" not in raw["RawData/Scan000/Acquired"].attrs
    with H5SaverLowLevel.from_file(path) as saver:
        saver.finish_at_close("/RawData/Scan000")
        saver.remove_node("/RawData/Scan000")


def test_scans_in_a_scan_are_told_apart(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as saver:
        outer = scan(saver, (2,))
        inner = scan(saver, (2,), where=outer, name="Detector000")
        acquire(inner, (1,), 1)
        fill_points(outer, record_of(outer))
        assert np.isnan(outer.get_child("Data00").read()).all()
        assert not np.isnan(inner.get_child("Data00").read()).any()
        assert [each.path for each, _ in recorded_groups(saver)] == [outer.path, inner.path]


GO_ON_AND_DIE = """
import os, signal, sys
import numpy as np
from h5modules.saving import H5SaverLowLevel

saver = H5SaverLowLevel.from_file(sys.argv[1])
group = saver.get_node("/RawData/Scan000")
saver.finish_at_close(group)
saver.flush()
group.get_child("Data00").writer().write((2,), np.full(3, 5.0))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_point_that_a_second_session_left_half_written_is_filled(tmp_path):
    path = tmp_path / "scan.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        group = scan(saver, (4,))
        acquire(group, (0,), 1)
        acquire(group, (1,), 2)
        saver.finish_at_close(group)
    subprocess.run([sys.executable, "-c", GO_ON_AND_DIE, str(path)], timeout=60, check=False)
    with H5Backend.open(path) as file:
        group = file.get_node("/RawData/Scan000")
        assert group.get_child("Data00")[2].tolist() == [5] * 3
        assert not count_points(group, record_of(group)).is_filled
    (found,) = recover(path, fill=True).groups
    assert (found.acquired, found.is_filled) == (2, True)
    with h5py.File(path) as raw:
        assert np.isnan(raw["RawData/Scan000/Data00"][2:]).all()
        assert raw["RawData/Scan000/Data00"][:2].tolist() == [[1] * 3, [2] * 3]


@pytest.mark.parametrize("shape", [(7, 5), (1, 35), (35, 1), (35,)])
@pytest.mark.parametrize("point", [(), (3,), (200, 300)])
def test_points_missing_here_and_there_are_filled(tmp_path, shape, point):
    done = np.random.default_rng(1).random(shape) > 0.5
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as saver:
        group = scan(saver, shape, point)
        for number, index in enumerate(np.argwhere(done), 1):
            acquire(group, tuple(index), number)
        acquire_half = tuple(np.argwhere(~done)[0])
        group.get_child("Data00")[acquire_half] = 5
        assert fill_points(group, record_of(group), limit=float("inf")).is_filled
        values = group.get_child("Data00").read().reshape(*shape, -1)
        assert np.array_equal(np.isnan(values).all(axis=-1), ~done)
        assert values[done].tolist() == [[number] * values.shape[-1] for number in range(1, done.sum() + 1)]


def test_filling_a_map_takes_no_longer_than_writing_it(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "map.h5") as saver:
        group = scan(saver, (1400, 1400), ())
        acquire(group, (0, 0), 1)
        begun = time.perf_counter()
        assert fill_points(group, record_of(group)).is_filled
        assert time.perf_counter() - begun < 3  # point by point it took ten seconds and more
