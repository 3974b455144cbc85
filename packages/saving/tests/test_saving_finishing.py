from __future__ import annotations

import h5py
import numpy as np
import pytest

from h5modules.backends import ArraySpec
from h5modules.saving import (
    FILL_LIMIT,
    H5SaverLowLevel,
    count_points,
    fill_points,
    record_of,
    recorded_groups,
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
