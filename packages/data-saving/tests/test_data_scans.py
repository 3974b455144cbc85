from __future__ import annotations

import copy
import itertools
import tracemalloc

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataDistribution, DataRaw, DataToExport

from h5modules.backends import ArrayTypeError, FileClosedError, FileReadOnlyError, NodeError
from h5modules.data_saving import (
    DataAttributeError,
    DataExtendedSaver,
    DataLoader,
    DataMismatchError,
    DataSaverLoader,
    DataToExportExtendedSaver,
    DataWarning,
    PointRecord,
    ScanIndexError,
    ScanShapeError,
    make_axis,
)
from h5modules.saving import H5SaverLowLevel


def nav_axes(shape):
    return [
        make_axis(f"nav {index}", "um", np.arange(float(length)) ** 2, index=index)
        for index, length in enumerate(shape)
    ]


def scan(saver, shape, make_point, skip=()):
    writer = DataToExportExtendedSaver(saver, shape)
    group = saver.add_det_group(saver.add_scan_group(), "Det")
    writer.add_nav_axes(group, nav_axes(shape))
    for number, index in enumerate(itertools.product(*map(range, shape))):
        if index not in skip:
            writer.add_data(group, make_point(number), index)
    return group


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 1, 3), (2, 2, 1, 2), (1,)], ids=str)
def test_scans(saver, make_point, shape):
    skipped = tuple(length - 1 for length in shape)
    group = scan(saver, shape, make_point, skip=() if shape == (1,) else (skipped,))
    loaded = {data.name: data for data in DataLoader(saver).load_all(group).data}
    first = make_point(0)
    for signal in first.data:
        data = loaded[signal.name]
        point = () if signal.shape == (1,) else signal.shape
        assert data.shape == (*shape, *point)
        assert (data.units, data.labels, data.origin) == (signal.units, signal.labels, signal.origin)
        assert data.nav_indexes == tuple(range(len(shape)))
        assert (data.distribution, data.dim.name) == (DataDistribution.uniform, "DataND")
        navigation = [axis for axis in data.axes if axis.index < len(shape)]
        assert [axis.get_data().tolist() for axis in navigation] == [
            axis.get_data().tolist() for axis in nav_axes(shape)
        ]
        moved = [(axis.label, axis.index - len(shape)) for axis in data.axes if axis.index >= len(shape)]
        assert moved == [(axis.label, axis.index) for axis in signal.axes]
        for number, index in enumerate(itertools.product(*map(range, shape))):
            values = next(other for other in make_point(number).data if other.name == signal.name)
            for channel, array in enumerate(data.data):
                if shape != (1,) and index == skipped:
                    lost = np.isnan(array[index]) if array.dtype.kind in "fc" else array[index] == 0
                    assert lost.all()
                else:
                    np.testing.assert_array_equal(array[index], values[channel].reshape(point))
        assert (data.errors is None) is (signal.errors is None)
    assert loaded["power"].exposure == 0.5
    acquired = DataLoader(saver).load_acquired(group)
    assert acquired.shape == shape
    assert acquired.sum() == acquired.size - (shape != (1,))


def test_spread_scans(saver):
    writer = DataToExportExtendedSaver(saver, (3,))
    positions = np.array([0.3, 0.1, 0.9])
    axes = [Axis(name, "um", positions * n, index=0, spread_order=n - 1) for n, name in enumerate("xy", 1)]
    writer.add_nav_axes("/RawData", axes)
    cube = DataRaw("cube", data=[np.ones((2, 4))], nav_indexes=(0,), origin="D")
    for index in range(3):
        point = DataToExport("p", data=[DataRaw("a", origin="D", data=[np.array([index + 1.0])]), cube])
        writer.add_data("/RawData", point, (index,), DataDistribution.spread)
    first, second = DataLoader(saver).load_all("/RawData").data
    assert (first.distribution, first.nav_indexes, first[0].tolist()) == (
        DataDistribution.spread,
        (0,),
        [1, 2, 3],
    )
    assert [(axis.label, axis.index, axis.spread_order) for axis in first.axes] == [("x", 0, 0), ("y", 0, 1)]
    np.testing.assert_array_equal(first.axes[1].get_data(), positions * 2)
    assert (second.shape, second.nav_indexes) == ((3, 2, 4), (0,))


def test_the_data_of_the_caller_are_not_changed(saver, make_point):
    point = make_point(2)
    before = copy.deepcopy(
        [(d.data, d.errors, [(a.index, a.get_data()) for a in d.axes]) for d in point.data]
    )
    axes = nav_axes((2,))
    writer = DataToExportExtendedSaver(saver, (2,))
    writer.add_nav_axes("/RawData", axes)
    writer.add_data("/RawData", point, [0])
    after = [(d.data, d.errors, [(a.index, a.get_data()) for a in d.axes]) for d in point.data]
    np.testing.assert_equal(after, before)
    point.data[0].data[0][0] = 77.0
    assert saver.get_node("/RawData/Data0D/CH00/Data00")[0] == 2.0


def test_the_second_point_asks_the_library_for_nothing_but_writing(calls, tmp_path, make_point):
    points = [make_point(number) for number in range(3)]
    with H5SaverLowLevel.from_file(tmp_path / "counted.h5") as saver:
        writer = DataToExportExtendedSaver(saver, (3,))
        writer.add_data("/RawData", points[0], (0,))
        calls.clear()
        writer.add_data("/RawData", points[1], (1,))
        assert dict(calls) == {"writer.write": 8}  # 6 channels, 1 with error bars, the record
        single = DataExtendedSaver(saver, (3,))
        group = saver.get_set_group("/RawData", "Single")
        single.add_data(group, points[0].data[0], (0,))
        calls.clear()
        single.add_data(group, points[1].data[0], (1,))
        assert dict(calls) == {"writer.write": 3}


def test_the_thousandth_scan_costs_what_the_first_did(calls, tmp_path):
    point = DataToExport("p", data=[DataRaw("a", origin="D", data=[np.ones(1)])])
    costs = []
    with H5SaverLowLevel.from_file(tmp_path / "counted.h5") as saver:
        for number in range(6):
            if number == 3:
                for other in range(3, 998):
                    saver.driver.create_group(f"/RawData/Scan{other:03d}")
                saver.close_file()
                saver.init_file(tmp_path / "counted.h5")
            before = calls.total()
            group = saver.add_scan_group()
            DataToExportExtendedSaver(saver, (3,)).add_data(group, point, (0,))
            costs.append(calls.total() - before)
    assert group.name == "Scan1000"
    assert max(costs) <= costs[0] + 1


def test_a_large_scan_costs_nothing_to_create(tmp_path):
    path = tmp_path / "large.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        writer = DataToExportExtendedSaver(saver, (1000, 1000))
        point = DataToExport("p", data=[DataRaw("a", origin="D", data=[np.ones(1024)])])
        tracemalloc.start()
        writer.add_data("/RawData", point, (999, 999))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4_000_000
        node = saver.get_node("/RawData/Data1D/CH00/Data00")
        assert node.shape == (1000, 1000, 1024)
        assert node[999, 999].sum() == 1024
        assert node[500, 500].sum() == 0
    blocks = getattr(path.stat(), "st_blocks", 0)  # Windows does not tell
    assert blocks * 512 < 10_000_000


def test_a_scan_is_packed_where_packing_is_asked_for(saver, make_point):
    saver.define_compression("gzip", 4)
    scan(saver, (2,), make_point)
    assert saver.get_node("/RawData/Scan000/Detector000/Data2D/CH00/Data00").info.compression is not None


BAD_INDEXES = [(2, 0), (0, 3), (-1, 0), (0,), (0, 0, 0), (), 0, None, (0.5, 0), ("a", 0), (1.0, 0)]


@pytest.mark.parametrize("index", BAD_INDEXES, ids=str)
def test_indexes_outside(saver, make_point, index):
    writer = DataToExportExtendedSaver(saver, (2, 3))
    with pytest.raises(ScanIndexError, match="point"):
        writer.add_data("/RawData", make_point(), index, settings_as_xml="<a/>")
    assert saver.raw_group.children_name() == ["Logger"]
    assert "settings" not in saver.raw_group.attrs
    with pytest.raises(IndexError, match="point"):
        DataExtendedSaver(saver, (2, 3)).add_data("/RawData", make_point().data[0], index)


@pytest.mark.parametrize("shape", [(), (0,), (3, -1), (2.5,), 3, "ab"], ids=str)
def test_shapes_of_no_scan(saver, shape):
    with pytest.raises(ScanShapeError, match="shape of a scan"):
        DataToExportExtendedSaver(saver, shape)


def other_shape(signals):
    signals[2] = DataRaw("spectrum", origin="Spectrometer", data=[np.ones(15)], errors=[np.ones(15)])


def other_dtype(signals):
    signals[1] = DataRaw("counter", origin="Diode", data=[np.array([-1], np.int16)])


def other_dtype_of_errors(signals):
    signals[2].errors = [signals[2].errors[0] + 0.5j]


def other_unit(signals):
    signals[0].force_units("V")


def other_labels(signals):
    signals[0].labels = ["right", "left"]


def fewer_channels(signals):
    signals[0] = DataRaw("power", origin="Diode", units="mW", data=[np.ones(1)])


def without_errors(signals):
    signals[2].errors = None


def with_errors(signals):
    signals[1].errors = [np.ones(1)]


def fewer_signals(signals):
    del signals[1]


def other_signal(signals):
    signals[1].name = "other"


def twice(signals):
    signals[1] = signals[0]


CHANGES = [
    other_shape,
    other_dtype,
    other_dtype_of_errors,
    other_unit,
    other_labels,
    fewer_channels,
    without_errors,
    with_errors,
    fewer_signals,
    other_signal,
    twice,
]


@pytest.mark.parametrize("opened", ["the same saver", "another saver", "opened again"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_points_that_are_not_like_the_first(tmp_path, make_point, change, opened):
    path = tmp_path / "scan.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        writer = DataToExportExtendedSaver(saver, (3,))
        writer.add_data("/RawData", make_point(1), (0,))
        if opened == "opened again":
            saver.close_file()
            saver.init_file(path)
        if opened != "the same saver":
            writer = DataToExportExtendedSaver(saver, (3,))
        saver.flush()
        point = make_point(2)
        change(point.data)
        before = [(node.path, repr(getattr(node, "read", str)())) for node in saver.walk_nodes()]
        with pytest.raises(DataMismatchError):
            writer.add_data("/RawData", point, (1,), settings_as_xml="<a/>")
        assert [(node.path, repr(getattr(node, "read", str)())) for node in saver.walk_nodes()] == before
        assert "settings" not in saver.raw_group.attrs
        writer.add_data("/RawData", make_point(3), (2,))
        assert saver.get_node("/RawData/Acquired").read().tolist() == [1, 0, 2]


def test_a_first_point_that_cannot_be_saved_does_not_bind_the_next(saver, make_point):
    writer = DataToExportExtendedSaver(saver, (3,))
    bad = make_point()
    bad.data[4].add_extra_attribute(label="x")
    with pytest.raises(DataAttributeError, match="label"):
        writer.add_data("/RawData", bad, (0,))
    assert saver.raw_group.children_name() == ["Logger"]
    with pytest.raises(DataMismatchError, match="two signals"):
        writer.add_data("/RawData", DataToExport("p", data=[bad.data[0], bad.data[0]]), (0,))
    good = DataToExport("p", data=make_point().data[:2])
    writer.add_data("/RawData", good, (0,), settings_as_xml="<a/>", operator="me")
    assert (saver.raw_group.attrs["settings"], saver.raw_group.attrs["operator"]) == ("<a/>", "me")


def test_a_group_that_holds_another_scan(saver, make_point):
    group = scan(saver, (2, 3), make_point)
    with pytest.raises(DataMismatchError, match="shape"):
        DataToExportExtendedSaver(saver, (6,)).add_data(group, make_point(), (0,))
    with pytest.raises(DataMismatchError, match=r"nav 0.*\(6,\)"):
        DataToExportExtendedSaver(saver, (6,)).add_nav_axes(group, nav_axes((2,)))
    others = [Axis("other", "um", np.arange(2.0), index=0), Axis("nav 1", "um", np.arange(3.0), index=1)]
    with pytest.raises(DataMismatchError, match="nav 0"):
        DataToExportExtendedSaver(saver, (2, 3)).add_nav_axes(group, others)
    DataToExportExtendedSaver(saver, (2, 3)).add_nav_axes(group, nav_axes((2, 3)))
    assert saver.get_node(group, "NavAxes").children_name() == ["Axis00", "Axis01"]
    with pytest.raises(DataMismatchError, match="scan of shape"):
        PointRecord(saver, group, (7,))
    with pytest.raises(LookupError, match="is no group"):
        PointRecord(saver, saver.get_node(group, "NavAxes/Axis00"), (7,))


def test_one_signal_by_itself(saver):
    writer = DataExtendedSaver(saver, (2,))
    group = saver.get_set_group("/RawData", "Mine")
    writer.add_data(group, DataRaw("a", origin="D", data=[np.array([1.5])]), (1,))
    with pytest.raises(DataMismatchError, match="the first point has no signal 'b'"):
        writer.add_data(group, DataRaw("b", origin="D", data=[np.array([1.5])]), (0,))
    with pytest.raises(DataMismatchError, match="the name of"):
        DataExtendedSaver(saver, (2,)).add_data(group, DataRaw("b", origin="D", data=[np.array([1.5])]), (0,))
    np.testing.assert_array_equal(writer.load_data("/RawData/Mine/Data00")[0], [np.nan, 1.5])
    bare = DataExtendedSaver(saver, (2,), record=False)
    group = saver.get_set_group("/RawData", "Bare")
    bare.add_data(group, DataRaw("a", data=[np.array([1.5])]), (1,))
    # No record tells which points are there: in small arrays the file does, where the values are floats.
    np.testing.assert_array_equal(bare.load_data("/RawData/Bare/Data00")[0], [np.nan, 1.5])


@pytest.mark.parametrize(
    ("dtype", "fill", "held"),
    [
        ("f4", np.nan, np.nan),
        ("c8", np.nan, np.nan),
        ("i4", np.nan, 0),
        ("i4", -1, -1),
        ("u1", -1, 0),
        ("?", 1, 0),
    ],
)
def test_fill_values(saver, dtype, fill, held):
    writer = DataExtendedSaver(saver, (2,), fill_value=fill)
    writer.add_data("/RawData", DataRaw("a", data=[np.ones(1, dtype)]), (0,))
    np.testing.assert_equal(saver.get_node("/RawData/Data00")[1], np.dtype(dtype).type(held))


def spectrum(start, label="wavelength"):
    axes = [Axis(label, "nm", start + np.arange(4.0) ** 2, index=0)]
    return DataRaw("s", origin="D", data=[np.full(4, start)], axes=axes)


def test_other_axes_are_told_once(saver):
    writer = DataExtendedSaver(saver, (3,))
    writer.add_data("/RawData", spectrum(0.0), (0,))
    with pytest.warns(DataWarning, match="axes are others"):
        writer.add_data("/RawData", spectrum(0.0, "energy"), (1,))
    writer.add_data("/RawData", spectrum(0.0, "energy"), (2,))
    assert DataLoader(saver).load_acquired("/RawData").all()
    assert "PointAxis00" not in saver.get_node("/RawData")


def test_axes_that_move_are_kept_point_by_point(tmp_path):
    path, starts = tmp_path / "moving.h5", {(0, 0): 5.0, (1, 2): 5.0, (0, 1): 7.0, (1, 0): 8.0}
    with H5SaverLowLevel.from_file(path) as saver:
        writer = DataToExportExtendedSaver(saver, (2, 3))
        for number, (index, start) in enumerate(starts.items()):
            if number == 3:  # another process goes on
                saver.close_file()
                saver.init_file(path)
                writer = DataToExportExtendedSaver(saver, (2, 3))
            writer.add_data("/RawData", DataToExport("point", data=[spectrum(start)]), index)
            is_kept = "PointAxis00" in saver.get_node("/RawData/Data1D/CH00")
            assert is_kept is (number >= 2)
    with h5py.File(path) as raw:
        group = raw["RawData/Data1D/CH00"]
        np.testing.assert_array_equal(group["Axis00"], 5 + np.arange(4.0) ** 2)
        assert dict(group["PointAxis00"].attrs)["label"] == "wavelength"
        assert "data_type" not in group["PointAxis00"].attrs
        values = group["PointAxis00"][...]
    for index, start in starts.items():
        np.testing.assert_array_equal(values[index], start + np.arange(4.0) ** 2)
    assert not values[1, 1].any()


def test_going_on_after_opening_again(tmp_path, make_point):
    path = tmp_path / "again.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        writer = DataToExportExtendedSaver(saver, (4,))
        writer.add_data("/RawData", make_point(0), (0,))
        saver.close_file()
        with pytest.raises(FileClosedError, match="closed"):
            writer.add_data("/RawData", make_point(1), (1,))
        saver.init_file(path)
        writer.add_data("/RawData", make_point(1), (1,))
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        before = path.read_bytes()
        with pytest.raises(FileReadOnlyError, match="opened for reading"):
            DataToExportExtendedSaver(saver, (4,)).add_data("/RawData", make_point(2), (2,))
        with pytest.raises(FileReadOnlyError, match="opened for reading"):
            DataToExportExtendedSaver(saver, (5,)).add_nav_axes("/RawData", nav_axes((5,)))
        with pytest.raises(NodeError, match="not a group"):
            DataToExportExtendedSaver(saver, (4,)).add_data("/RawData/Logger", make_point(2), (2,))
        assert path.read_bytes() == before
    with H5SaverLowLevel.from_file(path) as saver:
        point = make_point(2)
        point.data.reverse()
        DataToExportExtendedSaver(saver, (4,)).add_data("/RawData", point, (2,))
        power = DataLoader(saver).load_data_from_name_origin("power", "Diode")
        np.testing.assert_array_equal(power[1], [0, -1, -2, np.nan])
        assert saver.get_node("/RawData/Acquired").read().tolist() == [1, 2, 3, 0]


def test_a_point_acquired_again_is_not_acquired_while_it_is_written(saver, make_point, monkeypatch):
    writer = DataToExportExtendedSaver(saver, (2,))
    for index in (0, 1, 0):
        writer.add_data("/RawData", make_point(index), (index,))
    record = saver.get_node("/RawData/Acquired")
    assert record.read().tolist() == [3, 2]
    point = make_point(5)
    monkeypatch.setattr(
        writer._open_groups._opened["/RawData"]._record, "mark", lambda index: None
    )  # killed just before
    writer.add_data("/RawData", point, (1,))
    assert record.read().tolist() == [3, 0]


def test_a_record_speaks_of_its_own_scan_alone(saver, make_point):
    DataToExportExtendedSaver(saver, (2,)).add_data("/RawData", make_point(1), (0,))
    detector = saver.add_det_group(saver.add_scan_group())
    saver.add_array(
        detector, "Data00", "data", np.ones(2), metadata={"nav_indexes": (0,), "label": "a", "units": ""}
    )
    snapshot = saver.get_set_group("/RawData", "Snapshot")
    saver.add_array(snapshot, "Data00", "data", np.ones(2), metadata={"nav_indexes": (), "label": "a"})
    loader = DataLoader(saver)
    assert loader.load_data("/RawData/Scan000/Detector000/Data00")[0].tolist() == [1, 1]
    assert loader.load_data("/RawData/Snapshot/Data00")[0].tolist() == [1, 1]
    assert loader.load_acquired(detector) is None
    assert np.isnan(loader.load_data("/RawData/Data0D/CH00/Data00")[0][1])


def test_backgrounds_of_scans(saver, make_point):
    group = scan(saver, (2,), make_point)
    writer = DataToExportExtendedSaver(saver, (2,))
    spectrum = DataRaw("spectrum", origin="Spectrometer", data=[np.arange(16.0)])
    counter = DataRaw("counter", origin="Diode", data=[np.array([5], np.uint16)])
    writer.add_bkg(group, DataToExport("bkg", data=[spectrum, counter]))
    loader = DataLoader(saver)
    cleaned = loader.load_data(f"{group.path}/Data1D/CH00/Data00", with_bkg=True)
    np.testing.assert_array_equal(cleaned[0], [np.zeros(16), np.ones(16)])
    counts = loader.load_data(f"{group.path}/Data0D/CH01/Data00", with_bkg=True)
    assert counts[0].tolist() == [-4, -3]


def test_plain_hdf5_reads_a_scan(tmp_path, make_point):
    with H5SaverLowLevel.from_file(tmp_path / "plain.h5") as saver:
        scan(saver, (2, 2), make_point)
    with h5py.File(tmp_path / "plain.h5") as file:
        detector = file["RawData/Scan000/Detector000"]
        assert detector["Data0D/CH00/Data00"][...].tolist() == [[0, 1], [2, 3]]
        assert detector["Data0D/CH00/Data00"].attrs["units"] == "mW"
        assert detector["Data2D/CH00/Data00"].dtype == np.uint8
        assert detector["Acquired"][...].tolist() == [[1, 2], [3, 4]]
        assert detector["Data1D/CH00/Data00"].chunks is None


@pytest.fixture(params=["h5py", "tables", "memory"])
def any_saver(tmp_path, request):
    """Give a file of each library."""
    with H5SaverLowLevel.from_file(tmp_path / "any.h5", backend=request.param) as opened:
        yield opened


def power(value):
    return DataToExport("point", data=[DataRaw("power", data=[np.array([float(value)])])])


def test_a_scan_where_another_was_moved_or_deleted_is_kept(any_saver):
    scan = DataToExportExtendedSaver(any_saver, (4,))

    def line(start):
        group = any_saver.add_det_group("/RawData", title="D")
        for index in range(4):
            scan.add_data(group, power(start + index), (index,))
        return group

    def values(where):
        return any_saver.get_node(where).get_child("Data0D/CH00/Data00").read().tolist()

    any_saver.move_node(line(0), "/RawData", "First")
    second = line(10)
    assert (values("/RawData/First"), values(second)) == ([0, 1, 2, 3], [10, 11, 12, 13])
    any_saver.remove_node(second)
    with pytest.raises(NodeError, match="no node"):
        scan.add_data(second, power(99), (0,))
    assert values(line(20)) == [20, 21, 22, 23]


def test_two_savers_of_one_scan_count_its_points_together(any_saver):
    savers = [DataToExportExtendedSaver(any_saver, (4,)), DataToExportExtendedSaver(any_saver, (4,))]
    for index in range(4):
        savers[index % 2].add_data("/RawData", power(index), (index,))
    assert any_saver.get_node("/RawData/Acquired").read().tolist() == [1, 2, 3, 4]


def saved_points(saver, arrays, dtype_of_file):
    """Save arrays as the points of a scan, and return what the file holds."""
    scan = DataToExportExtendedSaver(saver, (len(arrays),))
    for index, array in enumerate(arrays):
        scan.add_data("/RawData", DataToExport("point", data=[DataRaw("power", data=[array])]), (index,))
    held = saver.get_node("/RawData/Data0D/CH00/Data00").read()
    assert held.dtype == dtype_of_file
    return held.tolist()


@pytest.mark.parametrize(
    ("arrays", "dtype"),
    [
        ([np.array([0.5]), np.array([0]), np.array([3], np.uint8)], np.float64),
        ([np.array([7]), np.array([2.0]), np.array([True])], np.int64),
        ([np.array([1], np.uint16), np.array([65535])], np.uint16),
        ([np.array([1j]), np.array([2.0])], np.complex128),
        ([np.array([0.5], np.float32), np.array([0.25]), np.array([np.nan])], np.float32),
    ],
)
def test_values_of_another_dtype_are_taken_where_nothing_is_lost(any_saver, arrays, dtype):
    np.testing.assert_array_equal(saved_points(any_saver, arrays, dtype), np.concatenate(arrays))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.array([0]), np.array([0.5])),
        (np.array([0.5]), np.array([2**53 + 1])),
        (np.array([1], np.uint16), np.array([-1])),
        (np.array([1], np.uint16), np.array([-1], np.int16)),
        (np.array([1], np.uint64), np.array([-1])),
        (np.array([0.5], np.float32), np.array([0.1])),
        (np.array([0]), np.array([np.nan])),
        (np.array([0.5]), np.array([1j])),
    ],
)
def test_values_that_would_become_others_are_refused(any_saver, first, second):
    scan = DataToExportExtendedSaver(any_saver, (2,))
    for index, array in enumerate([first, second]):
        point = DataToExport("point", data=[DataRaw("power", data=[array])])
        if not index:
            scan.add_data("/RawData", point, (index,))
            continue
        with pytest.raises(DataMismatchError, match=f"holds {first.dtype}, .* {second.dtype} that does not"):
            scan.add_data("/RawData", point, (index,))
    assert any_saver.get_node("/RawData/Acquired").read().tolist() == [1, 0]


def test_a_scan_goes_on_with_values_of_another_dtype(tmp_path):
    for start, array in [(0, np.array([0.5])), (1, np.array([4]))]:
        with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as file:
            scan = DataToExportExtendedSaver(file, (2,))
            scan.add_data("/RawData", DataToExport("p", data=[DataRaw("power", data=[array])]), (start,))
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5", mode="r") as file:
        assert file.get_node("/RawData/Data0D/CH00/Data00").read().tolist() == [0.5, 4]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_masked_floats_are_nan_in_the_file(any_saver, dtype):
    masked = np.ma.array(np.array([1, 1e20], dtype), mask=[False, True])
    point = DataRaw("spectrum", data=[masked], errors=[masked])
    scan = DataToExportExtendedSaver(any_saver, (2,))
    scan.add_data("/RawData", DataToExport("point", data=[point]), (0,))
    DataSaverLoader(any_saver).add_data(any_saver.get_set_group("/RawData", "Once"), point)
    scanned, once = "/RawData/Data1D/CH00", "/RawData/Once"
    for held in [any_saver.get_node(scanned, name).read()[0] for name in ("Data00", "ErrorBar00")]:
        np.testing.assert_array_equal(held, np.array([1, np.nan], dtype))
    for held in [any_saver.get_node(once, name).read() for name in ("Data00", "ErrorBar00")]:
        np.testing.assert_array_equal(held, np.array([1, np.nan], dtype))
        assert held.dtype == dtype
    assert masked.data[1] == np.array(1e20, dtype)


@pytest.mark.parametrize("dtype", [np.uint16, np.bool_])
def test_masked_integers_are_refused(any_saver, dtype):
    masked = np.ma.array(np.zeros(2, dtype), mask=[False, True])
    plain = np.ma.array(np.zeros(2, dtype), mask=[False, False])
    scan = DataToExportExtendedSaver(any_saver, (3,))

    def save(values, index):
        scan.add_data("/RawData", DataToExport("p", data=[DataRaw("counts", data=[values])]), (index,))

    with pytest.raises(ArrayTypeError, match="masked.*filled"):
        save(masked, 0)
    assert any_saver.raw_group.children_name() == ["Logger"]
    save(plain, 0)
    with pytest.raises(ArrayTypeError, match="masked.*filled"):
        save(masked, 1)
    with pytest.raises(ArrayTypeError, match="masked.*filled"):
        DataSaverLoader(any_saver).add_data("/RawData", DataRaw("counts", data=[masked]))
    assert any_saver.get_node("/RawData/Acquired").read().tolist() == [1, 0, 0]
    assert any_saver.raw_group.children_name() == ["Acquired", "Data1D", "Logger"]


def test_a_half_done_scan_is_not_saved_again_without_its_mask(saver):
    scan = DataToExportExtendedSaver(saver, (3,))
    counts = DataRaw("counts", data=[np.array([5], np.uint16)])
    scan.add_data("/RawData", DataToExport("p", data=[counts]), (0,))
    data = DataLoader(saver).load_data("/RawData/Data0D/CH00/Data00", masked=True)
    again = saver.get_set_group("/RawData", "Again")
    with pytest.raises(ArrayTypeError, match="signal 'counts'"):
        DataSaverLoader(saver).add_data(again, data)
    data.data[:] = [data[0].astype(float)]
    DataSaverLoader(saver).add_data(again, data)
    np.testing.assert_array_equal(
        DataLoader(saver).load_data("/RawData/Again/Data00")[0], [5, np.nan, np.nan]
    )


@pytest.mark.parametrize(
    "values",
    [
        np.arange(0, 1000, 10) + 2e-6 * np.cos(np.arange(100)),
        np.linspace(3.7e14, 3.8e14, 100),
        np.linspace(400, 800, 100, dtype=np.float32),
        299792458e9 / np.linspace(800, 800.001, 100),
    ],
    ids=["an encoder's", "Hz", "single precision", "of a grating"],
)
def test_an_axis_that_never_moved_does_not_when_a_scan_goes_on(tmp_path, values):
    def axis():
        made = Axis("x", "um", values, index=0)
        made.data = values
        return made

    for index in (0, 1, 2):
        with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as file:
            scan = DataToExportExtendedSaver(file, (3,))
            point = DataRaw("spectrum", data=[np.ones(100)], axes=[axis()])
            scan.add_data("/RawData", DataToExport("p", data=[point]), (index,))
            group = file.get_node("/RawData/Data1D/CH00")
            assert group.children_name() == ["Axis00", "Data00"]
            np.testing.assert_array_equal(group.get_child("Axis00").read(), values)
    with DataLoader(tmp_path / "scan.h5") as loader:
        (loaded,) = loader.load_data("/RawData/Data1D/CH00/Data00").get_axis_from_index(1)
    np.testing.assert_allclose(
        loaded.get_data(), values, rtol=0, atol=4 * np.spacing(values.max(), dtype=float)
    )


def test_an_axis_that_moves_when_a_scan_goes_on_keeps_what_it_was(tmp_path):
    values = np.arange(0, 100, 10) + 2e-6 * np.cos(np.arange(10))
    for index, moved in enumerate([values, values + 5]):
        with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as file:
            scan = DataToExportExtendedSaver(file, (2,))
            point = DataRaw("s", data=[np.ones(10)], axes=[make_axis("x", "um", moved)])
            scan.add_data("/RawData", DataToExport("p", data=[point]), (index,))
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5", mode="r") as file:
        held = file.get_node("/RawData/Data1D/CH00/PointAxis00").read()
    np.testing.assert_array_equal(held, [values, values + 5])


def test_a_point_of_no_signals_is_refused_and_binds_nothing(any_saver):
    scan = DataToExportExtendedSaver(any_saver, (2,))
    nothing = DataToExport("nothing", data=[])
    with pytest.raises(DataMismatchError, match="nothing to save"):
        scan.add_data("/RawData", nothing, (0,))
    assert any_saver.raw_group.children_name() == ["Logger"]
    scan.add_data("/RawData", power(1), (0,))
    with pytest.raises(DataMismatchError, match="nothing to save"):
        scan.add_data("/RawData", nothing, (1,))
    assert any_saver.get_node("/RawData/Acquired").read().tolist() == [1, 0]


def test_answers_are_no_places(saver):
    for shape in [(True, 2), [np.bool_(True)]]:
        with pytest.raises(ScanShapeError, match="is not the shape of a scan"):
            DataToExportExtendedSaver(saver, shape)
    scan = DataToExportExtendedSaver(saver, (2, 2))
    for index in [(True, 1), (0, False), (np.bool_(True), 0)]:
        with pytest.raises(ScanIndexError, match="is not a point"):
            scan.add_data("/RawData", power(0), index)
    assert saver.raw_group.children_name() == ["Logger"]
