"""Parts of data, masks and points: what is read of the file, and what is told of points not acquired."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.backends import ArrayIndexError, FileClosedError, FileFormatError, NodeError, get_driver
from h5modules.data_saving import (
    BkgSaver,
    DataLoader,
    DataMismatchError,
    DataNodeError,
    DataSaverLoader,
    DataToExportExtendedSaver,
    DataToExportTimedSaver,
    ScanIndexError,
)
from h5modules.data_saving.testing import assert_same_data
from h5modules.saving import H5SaverLowLevel

FRAME = "/RawData/Data2D/CH00/Data00"


def frames(number, dtype="f8"):
    axes = [Axis("y", "um", np.array([0, 1, 4.0]), index=0), Axis("x", "um", np.arange(5.0), index=1)]
    values = (100 * number + np.arange(15).reshape(3, 5)).astype(dtype)
    return DataRaw(
        "frame", origin="Camera", units="V", data=[values, values[::-1]], errors=[values, values], axes=axes
    )


@pytest.fixture
def scan(tmp_path):
    """Return a scan of 4 x 2 frames, of which the last was not acquired."""
    path = tmp_path / "scan.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        writer = DataToExportExtendedSaver(saver, (4, 2))
        axes = [Axis("b", "mm", np.arange(4.0) ** 2, index=0), Axis("a", "mm", np.arange(2.0), index=1)]
        writer.add_nav_axes("/RawData", axes)
        for number, index in enumerate(list(np.ndindex(4, 2))[:-1]):
            writer.add_data("/RawData", DataToExport("p", data=[frames(number)]), index)
    return path


@pytest.fixture
def bytes_read(monkeypatch):
    """Count the bytes that are read of arrays."""
    driver, sizes = get_driver("h5py"), []
    real = driver.read

    def read(self, path, selection=...):
        values = real(self, path, selection)
        sizes.append(np.asarray(values).nbytes)
        return values

    monkeypatch.setattr(driver, "read", read)
    return sizes


PARTS = {
    "all": (...,),
    "one frame": (2, 1),
    "a pixel's map": (..., 1, 3),
    "a row of the scan": (1,),
    "some of it": (slice(1, 3), 0, slice(None), slice(4, None, -2)),
    "from the end": (-2, -1, -1),
    "one value": (0, 1, 2, 3),
    "nothing": (slice(2, 2),),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_a_part_is_that_part_of_all(scan, part):
    with DataLoader(scan) as loader:
        whole = loader.load_data(FRAME, load_all=True)
        lazy = loader.load_data(FRAME, load_all=True, lazy=True)
        found = lazy[part]
        for left, right in zip([*found.data, *found.errors], [*whole.data, *whole.errors], strict=True):
            np.testing.assert_array_equal(left, np.atleast_1d(right[part]))
        for axis in found.axes:
            (same,) = (other for other in whole.axes if other.label == axis.label)
            full = (*part, *[slice(None)] * (4 - len(part))) if ... not in part else None
            if full is not None:
                np.testing.assert_array_equal(axis.get_data(), same.get_data()[full[same.index]])
            assert axis.size == found.shape[axis.index]
        assert len(found.axes) == len(found.shape) or found.shape == (1,)
        assert_same_data(whole, lazy.load())


def test_what_is_known_without_reading(scan, bytes_read):
    with DataLoader(scan) as loader:
        lazy = loader.load_data(FRAME, load_all=True, lazy=True)
        assert (lazy.name, lazy.units, lazy.shape, lazy.ndim, len(lazy)) == ("frame", "V", (4, 2, 3, 5), 4, 2)
        assert (lazy.labels, lazy.dtypes) == (["CH00", "CH01"], (np.dtype("f8"),) * 2)
        assert (lazy.nav_indexes, lazy.sig_indexes) == ((0, 1), (2, 3))
        assert sorted(axis.label for axis in lazy.axes) == ["a", "b", "x", "y"]
        assert "frame" in repr(lazy)
        axes = sum(bytes_read)
        assert axes == 8 * (4 + 2 + 3 + 5)  # the axes, and nothing else


@pytest.mark.parametrize(
    ("select", "points", "values"),
    [
        (lambda lazy: lazy.inav[1, 0], 1, 15),
        (lambda lazy: lazy.isig[2, 4], 8, 8),
        (lambda lazy: lazy[0], 2, 30),
    ],
    ids=["a frame", "a pixel's map", "a row of frames"],
)
def test_a_part_reads_no_more(scan, bytes_read, select, points, values):
    with DataLoader(scan) as loader:
        lazy = loader.load_data(FRAME, lazy=True)
        bytes_read.clear()
        select(lazy)
    assert sum(bytes_read) == 2 * (8 * values + 4 * points)  # a channel and its error bars, with the record


def test_after_the_file_was_closed(scan):
    with DataLoader(scan) as loader:
        lazy = loader.load_data(FRAME, lazy=True)
    for read in (lambda: lazy[0, 0], lazy.load, lambda: loader.load_data(FRAME), loader.load_all):
        with pytest.raises(FileClosedError, match=r"scan\.h5"):
            read()


@pytest.mark.parametrize(
    "index", [4, (0, 0, 0, 0, 0), [0, 1], 1.5, "a", (..., ...), slice("a", None)], ids=str
)
def test_what_selects_nothing(scan, index):
    with DataLoader(scan) as loader, pytest.raises(ArrayIndexError, match="frame"):
        loader.load_data(FRAME, lazy=True)[index]


@pytest.mark.parametrize("dtype", ["f4", "c8", "i2", "u1", "?"])
def test_masks_are_right_for_every_dtype(saver, dtype):
    writer = DataToExportExtendedSaver(saver, (3,))
    for index in (2, 0):
        writer.add_data("/RawData", DataToExport("p", data=[frames(index, dtype)]), (index,))
    loader = DataLoader(saver)
    data = loader.load_data(FRAME, masked=True, load_all=True)
    for values in (*data.data, *data.errors):
        assert values.dtype == dtype
        assert values.mask.all(axis=(1, 2)).tolist() == [False, True, False]
        assert values.mask.any(axis=(1, 2)).tolist() == [False, True, False]
    assert loader.load_data(FRAME, masked=True, lazy=True)[1][0].mask.all()
    assert loader.load_all("/RawData", masked=True).data[0][0].mask.sum() == 15
    assert loader.load_acquired(FRAME).tolist() == [True, False, True]
    np.testing.assert_array_equal(data[0][2], frames(2, dtype)[0])


def test_masks_of_what_is_no_scan(saver):
    DataSaverLoader(saver).add_data("/RawData", frames(0))
    values = DataLoader(saver).load_data("/RawData/Data00", masked=True)[0]
    assert not np.ma.getmaskarray(values).any()


def test_points_that_pymodaq_gives_a_time(scan):
    with h5py.File(scan, "r+") as raw:  # as a scan of PyMoDAQ: no record, and the times of its points
        record = raw["RawData/Acquired"][...]
        del raw["RawData/Acquired"]
        raw["RawData/Timestamps/Data0D/CH00/Data00"] = np.where(record > 0, 0.5 * record, np.nan)
        raw["RawData/Data2D/CH00/Data00"][3, 1] = 7.0
    with DataLoader(scan) as loader:
        assert loader.load_acquired(FRAME).sum() == 7
        assert np.isnan(loader.load_data(FRAME)[0][3, 1]).all()
        assert loader.load_data(FRAME, masked=True)[0].mask[3, 1].all()
        with pytest.raises(ScanIndexError, match="was not acquired"):
            loader.load_point(FRAME, (3, 1))


def test_a_point(scan):
    with DataLoader(scan) as loader:
        point = loader.load_point(FRAME, (1, 1))
        saved = frames(3)
        saved.timestamp = point.timestamp
        assert_same_data(saved, point)
        assert loader.load_point_axes(FRAME) == {}
        for index in [(4, 0), (0,), (0, 0, 0)]:
            with pytest.raises(ScanIndexError, match="does not lie in a scan"):
                loader.load_point(FRAME, index)
        with pytest.raises(DataNodeError, match="no scan"):
            loader.load_point("/RawData/NavAxes/Axis00", (0,))


def spectrum(start):
    axes = [Axis("wavelength", "nm", start + np.arange(4.0) ** 2, index=0)]
    return DataToExport("p", data=[DataRaw("s", origin="D", data=[np.full(4, start)], axes=axes)])


@pytest.mark.parametrize("is_log", [False, True], ids=["scan", "log"])
def test_axes_that_move(saver, is_log):
    writer = DataToExportTimedSaver(saver) if is_log else DataToExportExtendedSaver(saver, (4,))
    for index, start in enumerate((0.0, 0.0, 5.0)):
        writer.add_data("/RawData", spectrum(start), *(() if is_log else ((index,),)))
    loader, where = DataLoader(saver), f"/RawData/Data1D/CH00/{'EnlData' if is_log else 'Data'}00"
    (values,) = loader.load_point_axes(where).values()
    np.testing.assert_array_equal(values[:3], [(start + np.arange(4.0) ** 2) for start in (0.0, 0.0, 5.0)])
    assert list(loader.load_point_axes(where)) == [1]
    assert is_log or np.isnan(values[3]).all()
    point = loader.load_point(where, (2,))
    np.testing.assert_array_equal(point.axes[0].get_data(), 5 + np.arange(4.0) ** 2)
    assert (point.axes[0].label, point.axes[0].units, point.axes[0].index) == ("wavelength", "nm", 0)
    np.testing.assert_array_equal(loader.load_data(where).axes[0].get_data(), np.arange(4.0) ** 2)
    part = loader.load_data(where, lazy=True)[2, 1:3]
    np.testing.assert_array_equal(part.axes[0].get_data(), [6.0, 9.0])


@pytest.mark.parametrize("is_log", [False, True], ids=["scan", "log"])
def test_the_axis_of_one_value_moves(saver, is_log, one_value_axis):
    writer = DataToExportTimedSaver(saver) if is_log else DataToExportExtendedSaver(saver, (3,))
    for index, place in enumerate((1.0, 5.0, 1.0)):
        axis = one_value_axis("delay", "ps", np.array([place]), index=0)
        point = DataToExport("p", data=[DataRaw("s", origin="D", data=[np.array([place])], axes=[axis])])
        writer.add_data("/RawData", point, *(() if is_log else ((index,),)))
    (found,) = (node.path for node in saver.walk_nodes() if node.name in ("Data00", "EnlData00"))
    loader = DataLoader(saver)
    assert [loader.load_point(found, (n,)).axes[0].get_data().tolist() for n in range(3)] == [[1], [5], [1]]


def test_backgrounds_of_parts(saver):
    writer = DataToExportExtendedSaver(saver, (2,))
    for index in range(2):
        writer.add_data("/RawData", DataToExport("p", data=[frames(index, "u1")]), (index,))
    group = "/RawData/Data2D/CH00"
    dark = frames(0, "u1")
    dark.errors = None
    BkgSaver(saver).add_data(group, dark)
    lazy = DataLoader(saver).load_data(FRAME, with_bkg=True, lazy=True)
    assert lazy.dtypes[0] == np.int16
    np.testing.assert_array_equal(lazy[1, 2][0], np.full(5, 100))
    saver.remove_node(f"{group}/Bkg00")
    saver.add_array(group, "Bkg00", "bkg", np.ones(3))
    with pytest.raises(DataMismatchError, match=r"Bkg00.*\(3,\).*Data00.*\(2, 3, 5\)"):
        DataLoader(saver).load_data(FRAME, with_bkg=True, lazy=True)


def test_values_that_are_damaged(tmp_path):
    path = tmp_path / "damaged.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        saver.define_compression("gzip", 4)
        DataSaverLoader(saver).add_data("/RawData", DataRaw("d", data=[np.arange(5000.0)]))
    with h5py.File(path) as raw:
        chunk = raw["RawData/Data00"].id.get_chunk_info(0)
    with path.open("r+b") as file:
        file.seek(chunk.byte_offset + 10)
        file.write(b"\xff" * 20)
    with DataLoader(path) as loader:
        lazy = loader.load_data("/RawData/Data00", lazy=True)
        with pytest.raises(FileFormatError, match=r"/RawData/Data00.*damaged\.h5"):
            lazy[:10]


def test_names_near_by_are_told(scan):
    with DataLoader(scan) as loader:
        with pytest.raises(NodeError, match="Data00"):
            loader.load_data("/RawData/Data2D/CH00/Dta00")
        with pytest.raises(DataNodeError, match="Acquired"):
            loader.load_data("/RawData/Acquired")


@pytest.mark.parametrize("backend", ["h5py", "tables", "memory"])
@pytest.mark.parametrize("how", ["removed", "group removed", "moved"])
def test_a_signal_that_was_made_anew_is_not_taken_for_the_one_before(tmp_path, backend, how):
    with H5SaverLowLevel.from_file(tmp_path / "data.h5", backend=backend) as saver:
        group = saver.get_set_group("/RawData", "Group")
        DataSaverLoader(saver).add_data(group, DataRaw("before", data=[np.arange(5.0)]))
        lazy = DataLoader(saver).load_data("/RawData/Group/Data00", lazy=True)
        saver.remove_node(saver.get_set_group("/RawData", "Other"))
        assert lazy[:2][0].tolist() == [0, 1]
        if how == "removed":
            saver.remove_node(group, "Data00")
        elif how == "moved":
            saver.move_node(group, "/RawData", "Elsewhere")
        else:
            saver.remove_node(group)
        group = saver.get_set_group("/RawData", "Group")
        DataSaverLoader(saver).add_data(group, DataRaw("after", data=[np.arange(50.0)]))
        with pytest.raises(DataNodeError, match="'/RawData/Group/Data00' .* load it again"):
            lazy[:2]
        again = DataLoader(saver).load_data("/RawData/Group/Data00", lazy=True)
        assert (again.name, again[:2][0].tolist()) == ("after", [0, 1])


def test_a_signal_of_a_file_that_was_closed_is_not_looked_for_in_the_next(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "first.h5") as saver:
        DataSaverLoader(saver).add_data("/RawData", DataRaw("before", data=[np.arange(5.0)]))
        lazy = DataLoader(saver).load_data("/RawData/Data00", lazy=True)
        saver.init_file(tmp_path / "second.h5", new_file=True)
        DataSaverLoader(saver).add_data("/RawData", DataRaw("after", data=[np.zeros(5)]))
        with pytest.raises(DataNodeError, match="load it again"):
            lazy.load()


def test_an_answer_is_no_index(scan):
    with DataLoader(scan) as loader:
        lazy = loader.load_data(FRAME, lazy=True)
        with pytest.raises(ArrayIndexError, match="whole numbers"):
            lazy[True]
        with pytest.raises(ScanIndexError, match="is not a point"):
            lazy.point_index((True, 0))
