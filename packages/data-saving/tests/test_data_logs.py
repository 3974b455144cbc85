from __future__ import annotations

import copy
import warnings

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport
from pymodaq_data.h5modules.data_saving import DataLoader as PeerLoader

from h5modules.backends import EARRAY, FileClosedError, NodeError
from h5modules.data_saving import (
    DataBundle,
    DataEnlargeableSaver,
    DataLoader,
    DataMismatchError,
    DataToExportEnlargeableSaver,
    DataToExportTimedSaver,
)
from h5modules.saving import H5SaverLowLevel


def loaded(file, where="/RawData"):
    return {data.name: data for data in DataLoader(file).load_all(where).data}


def log_rows(file, make_point, count, where="/RawData"):
    saver = DataToExportTimedSaver(file)
    for number in range(count):
        point = make_point(number)
        point.timestamp = 1e9 + number**2
        saver.add_data(where, point)


def test_a_log_comes_back(saver, make_point):
    log_rows(saver, make_point, 4)
    found = loaded(saver)
    assert sorted(found) == sorted(signal.name for signal in make_point(0).data)
    for signal in make_point(0).data:
        data = found[signal.name]
        point = () if signal.shape == (1,) else signal.shape
        assert data.shape == (4, *point)
        assert (data.units, data.labels, data.origin) == (signal.units, signal.labels, signal.origin)
        assert (data.nav_indexes, data.distribution.name) == ((0,), "spread")
        (time,) = [axis for axis in data.axes if axis.index == 0]
        assert (time.label, time.units) == ("time", "s")
        np.testing.assert_array_equal(time.get_data(), 1e9 + np.arange(4.0) ** 2)
        assert [axis.label for axis in data.axes if axis.index] == [axis.label for axis in signal.axes]
        for number in range(4):
            values = next(other for other in make_point(number).data if other.name == signal.name)
            for channel, array in enumerate(data.data):
                np.testing.assert_array_equal(array[number], values[channel].reshape(point))
            for channel, array in enumerate(data.errors or ()):
                np.testing.assert_array_equal(array[number], values.errors[channel].reshape(point))
        assert (data.errors is None) is (signal.errors is None)
    assert found["power"].exposure == 0.5
    assert saver.get_node("/RawData/Acquired").read().tolist() == [1, 2, 3, 4]


def test_pymodaq_reads_a_log(tmp_path, make_point):
    path = tmp_path / "log.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        log_rows(saver, make_point, 3)
        ours = loaded(saver)
    with PeerLoader(path) as loader, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it makes up axes, and warns of it
        for data in loader.load_all("/RawData"):
            own = ours[data.name]
            assert (data.units, data.labels, data.origin) == (own.units, own.labels, own.origin)
            for left, right in zip(data.data, own.data, strict=True):
                np.testing.assert_array_equal(left, right)
            assert {axis.label for axis in own.axes} <= {axis.label for axis in data.axes}


def test_an_adaptive_scan_of_several_axes(saver):
    adaptive = DataToExportEnlargeableSaver(saver, ["x", "y"], ["um", "mm"])
    places = [(0.0, 0.0), (10.0, 5.0), (2.5, 1.0)]
    for number, place in enumerate(places):
        point = DataToExport("point", data=[DataRaw("power", origin="D", data=[np.array([number])])])
        adaptive.add_data("/RawData", point, axis_values=place)
    data = loaded(saver)["power"]
    axes = {axis.label: axis for axis in data.axes}
    assert [(axis.units, axis.spread_order, axis.index) for axis in axes.values()] == [
        ("um", 0, 0),
        ("mm", 1, 0),
    ]
    np.testing.assert_array_equal(axes["x"].get_data(), [0, 10, 2.5])
    np.testing.assert_array_equal(axes["y"].get_data(), [0, 5, 1])
    assert data[0].tolist() == [0, 1, 2]


def test_data_with_a_navigation_axis_are_many_rows(saver):
    axes = [
        Axis("delay", "ps", np.array([1.0, 2, 4]), index=0),
        Axis("energy", "eV", np.arange(5.0) ** 2, index=1),
    ]
    block = DataRaw("trace", units="V", data=[np.arange(15.0).reshape(3, 5)], axes=axes, nav_indexes=(0,))
    log = DataEnlargeableSaver(saver)
    log.add_data("/RawData", block)
    log.add_data("/RawData", block)
    data = DataLoader(saver).load_data("/RawData/EnlData00")
    np.testing.assert_array_equal(data[0], np.vstack([block[0], block[0]]))
    assert {axis.label: (axis.units, axis.index) for axis in data.axes} == {
        "delay": ("ps", 0),
        "energy": ("eV", 1),
    }
    np.testing.assert_array_equal(data.get_axis_from_index(0)[0].get_data(), [1, 2, 4, 1, 2, 4])
    many = DataToExportEnlargeableSaver(saver, ["delay"], ["ps"])
    group = saver.get_set_group("/RawData", "Blocks")
    many.add_data(group, DataToExport("blocks", data=[block]), axis_values=[np.array([7.0, 8, 9])])
    assert saver.get_node(group, "Acquired").shape == (3,)
    assert saver.get_node(group, "NavAxes").get_child("Axis00").read().tolist() == [7, 8, 9]
    with pytest.raises(DataMismatchError, match="2 values, for 3 rows"):
        many.add_data(group, DataToExport("blocks", data=[block]), axis_values=[np.array([7.0, 8])])


def test_axes_that_move_are_kept_row_by_row(saver):
    log = DataToExportTimedSaver(saver)
    for start in (0.0, 0.0, 3.0, 0.0):
        axes = [Axis("wavelength", "nm", start + np.arange(4.0) ** 2, index=0)]
        log.add_data("/RawData", DataToExport("p", data=[DataRaw("s", data=[np.ones(4)], axes=axes)]))
    moved = saver.get_node("/RawData/Data1D/CH00/PointAxis00").read()
    np.testing.assert_array_equal(moved[:, 0], [0, 0, 3, 0])
    assert loaded(saver)["s"].shape == (4, 4)


def test_the_data_of_the_caller_are_not_changed(saver, make_point):
    point = make_point(1)
    before = copy.deepcopy(point)
    log = DataToExportTimedSaver(saver)
    log.add_data("/RawData", point)
    log.add_data("/RawData", point)
    assert point.timestamp == before.timestamp
    for old, new in zip(before.data, point.data, strict=True):
        for left, right in zip(old.data, new.data, strict=True):
            np.testing.assert_array_equal(left, right)
        assert [axis.index for axis in old.axes] == [axis.index for axis in new.axes]
        assert old.extra_attributes == new.extra_attributes


def test_a_row_that_is_not_like_the_first_leaves_nothing(tmp_path, make_point):
    path = tmp_path / "log.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        log = DataToExportEnlargeableSaver(saver, ["x"], ["um"])
        log.add_data("/RawData", make_point(0), axis_values=[0.0])
        other = make_point(1)
        other.data[0].force_units("s")
        fewer = DataToExport("point", data=make_point(1).data[:-1])
        for bad, values in [(other, [1.0]), (fewer, [1.0]), (make_point(1), []), (make_point(1), None)]:
            with pytest.raises(DataMismatchError):
                log.add_data("/RawData", bad, axis_values=values)
        saver.flush()
        lengths = {node.shape[0] for node in saver.walk_nodes("/RawData") if "EnlData" in node.name}
        assert lengths == {1}
        assert saver.get_node("/RawData/NavAxes/Axis00").shape == (1,)
        log.add_data("/RawData", make_point(1), axis_values=[1.0])
        assert all(data.shape[0] == 2 for data in loaded(saver).values())
        with pytest.raises(DataMismatchError, match="3 names of growing axes"):
            DataToExportEnlargeableSaver(saver, ["x", "y", "z"], ["um"])
    with pytest.raises(FileClosedError):
        log.add_data("/RawData", make_point(2), axis_values=[2.0])


def test_a_row_that_was_not_finished_is_replaced(tmp_path, make_point):
    path = tmp_path / "log.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        log_rows(saver, make_point, 3)
    with h5py.File(path, "r+") as raw:  # as a process leaves it that is killed within a row
        for name in ("Data0D/CH00/EnlData00", "NavAxes/Axis00"):
            dataset = raw["RawData"][name]
            dataset.resize(4, axis=0)
            dataset[3] = -99
    with DataLoader(path) as loader:
        assert {data.shape[0] for data in loader.load_all("/RawData").data} == {3}
    with H5SaverLowLevel.from_file(path) as saver:
        log_rows(saver, make_point, 2)
        for data in loaded(saver).values():
            assert data.shape[0] == 5
            assert not (data[0] == -99).any()
            np.testing.assert_array_equal(data.get_axis_from_index(0)[0].get_data()[3:], 1e9 + np.arange(2.0))


def test_rows_that_are_missing_are_told(saver, make_point):
    log_rows(saver, make_point, 2)
    saver.remove_node("/RawData/NavAxes/Axis00")
    with pytest.raises(NodeError, match="rows are missing"):
        log_rows(saver, make_point, 1)


def test_another_log_in_the_group(saver, make_point):
    log_rows(saver, make_point, 2)
    with pytest.raises(DataMismatchError, match="'x'"):
        DataToExportEnlargeableSaver(saver, ["x"], ["um"]).add_data(
            "/RawData", make_point(0), axis_values=[1.0]
        )
    other = DataToExport("point", data=[DataRaw("other", data=[np.ones(1)])])
    with pytest.raises(DataMismatchError, match="other"):
        DataToExportTimedSaver(saver).add_data("/RawData", other)
    assert saver.get_node("/RawData/Acquired").shape == (2,)


def test_a_row_asks_the_library_for_nothing_but_appending(calls, tmp_path, make_point):
    with H5SaverLowLevel.from_file(tmp_path / "log.h5") as saver:
        log = DataToExportTimedSaver(saver)
        points = [make_point(number) for number in range(50)]
        log.add_data("/RawData", points[0])
        calls.clear()
        log.add_data("/RawData", points[1])
        once = dict(calls)
        for point in points[2:]:
            calls.clear()
            log.add_data("/RawData", point)
            assert dict(calls) == once
    arrays = sum(len(signal.data) + len(signal.errors or ()) for signal in points[0].data)
    assert once == {"appender.append": arrays + 2}  # the time and the record too


def test_settings_are_written_when_they_change(calls, tmp_path, make_point):
    with H5SaverLowLevel.from_file(tmp_path / "log.h5") as saver:
        log = DataToExportTimedSaver(saver)
        for number, settings in enumerate(["<a/>", "<a/>", "<b/>"]):
            calls.clear()
            log.add_data_bundle(DataBundle(make_point(number), "/RawData", settings))
            assert saver.get_attr("/RawData", "settings") == settings
            assert number == 0 or (calls["write_attributes"] > 0) is (number == 2)
        with pytest.raises(DataMismatchError, match="node"):
            log.add_data_bundle(DataBundle(make_point(0)))


def test_the_shape_that_pymodaq_appends_by_is_told_at_the_end(tmp_path, make_point):
    path = tmp_path / "log.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        log = DataToExportTimedSaver(saver)
        for number in range(4):
            log.add_data("/RawData", make_point(number))
            saver.flush()
        log.add_data("/RawData", make_point(4))
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        for node in saver.walk_nodes("/RawData"):
            if isinstance(node, EARRAY) and node.name != "Logger":
                assert node.attrs["shape"] == node.shape
                assert node.shape[0] == 5


def test_a_moving_axis_of_another_name_keeps_the_first_values_and_the_log_goes_on(tmp_path):
    def row(number, label):
        axis = Axis(label, "nm", np.array([1.0, 2.0, 4.0]) + number, index=0)
        return DataToExport("row", data=[DataRaw("s", data=[np.arange(3.0)], axes=[axis])])

    path, node = tmp_path / "log.h5", "/RawData/Data1D/CH00/EnlData00"
    with DataToExportTimedSaver(path) as saver:
        saver.add_data("/RawData", row(0, "w"))
        saver.add_data("/RawData", row(1, "w"))
        with pytest.warns(UserWarning, match="axes are others"):
            saver.add_data("/RawData", row(2, "other"))
    with DataToExportTimedSaver(path) as saver:
        saver.add_data("/RawData", row(3, "w"))
    with DataLoader(path) as loader:
        assert loader.load_point_axes(node)[1][:, 0].tolist() == [1.0, 2.0, 1.0, 4.0]


def test_channels_stay_together_when_one_is_a_row_ahead(tmp_path):
    path, signal = tmp_path / "log.h5", DataRaw("p", data=[np.zeros(1), np.ones(1)], labels=["a", "b"])
    with DataToExportTimedSaver(path) as saver:
        saver.add_data("/RawData", DataToExport("row", data=[signal]))
    with H5SaverLowLevel.from_file(path) as file:
        file.get_node("/RawData/Data0D/CH00/EnlData00").append(np.array([7.0]))
        (data,) = DataLoader(file).load_all().data
    assert [values.tolist() for values in data.data] == [[0.0], [1.0]]


@pytest.fixture(params=["h5py", "tables", "memory"])
def any_saver(tmp_path, request):
    """Give a file of each library."""
    with H5SaverLowLevel.from_file(tmp_path / "any.h5", backend=request.param) as opened:
        yield opened


def power(value):
    return DataToExport("point", data=[DataRaw("power", data=[np.array([float(value)])])])


def rows_of(file, where):
    return file.get_node(where).get_child("Data0D/CH00/EnlData00").read().tolist()


def test_a_log_where_another_was_deleted_is_kept(any_saver):
    log = DataToExportTimedSaver(any_saver)
    first = any_saver.add_det_group("/RawData", title="D")
    for number in range(3):
        log.add_data(first, power(number))
    any_saver.remove_node(first)
    with pytest.raises(NodeError, match="no node '/RawData/Detector000'"):
        log.add_data(first, power(99))
    second = any_saver.add_det_group("/RawData", title="D")
    assert second.path == first.path
    for number in range(10, 14):
        log.add_data(second, power(number))
    assert rows_of(any_saver, second) == [10, 11, 12, 13]


def test_a_log_that_is_moved_is_left_alone(any_saver):
    log = DataToExportTimedSaver(any_saver)
    group = any_saver.add_det_group("/RawData", title="D")
    log.add_data(group, power(0))
    any_saver.move_node(group, "/RawData", "First")
    again = any_saver.add_det_group("/RawData", title="D")
    log.add_data(again, power(1))
    log.add_data("/RawData/First", power(2))
    assert (rows_of(any_saver, again), rows_of(any_saver, "/RawData/First")) == ([1], [0, 2])


def test_a_log_whose_beginning_was_undone_begins_anew(any_saver):
    log = DataToExportTimedSaver(any_saver)

    def fail():
        with any_saver.all_or_nothing():
            log.add_data(any_saver.add_det_group("/RawData", title="D"), power(0))
            raise OSError("elsewhere")

    with pytest.raises(OSError, match="elsewhere"):
        fail()
    log.add_data(any_saver.add_det_group("/RawData", title="D"), power(1))
    assert rows_of(any_saver, "/RawData/Detector000") == [1]


def test_a_group_is_the_same_however_its_path_is_written(any_saver):
    log = DataToExportTimedSaver(any_saver)
    for number, where in enumerate(["/RawData", "/RawData/", "RawData", any_saver.raw_group, "//RawData"]):
        log.add_data(where, power(number))
    assert rows_of(any_saver, "/RawData") == [0, 1, 2, 3, 4]
    assert any_saver.get_node("/RawData/Acquired").read()[:5].tolist() == [1, 2, 3, 4, 5]


def test_two_savers_of_one_log_take_turns(any_saver):
    savers = [DataToExportTimedSaver(any_saver), DataToExportTimedSaver(any_saver)]
    for number in range(5):
        savers[number % 2].add_data("/RawData", power(number))
    assert rows_of(any_saver, "/RawData") == [0, 1, 2, 3, 4]
    axis = any_saver.get_node("/RawData/NavAxes/Axis00")
    assert axis.shape == (5,)


def test_a_row_that_somebody_else_added_is_not_overwritten(saver):
    log = DataToExportTimedSaver(saver)
    log.add_data("/RawData", power(0))
    array = saver.get_node("/RawData/Data0D/CH00/EnlData00")
    array.append(np.array([7.0]))
    with pytest.raises(NodeError, match="2 rows, of which 1 are known here"):
        log.add_data("/RawData", power(1))
    assert rows_of(saver, "/RawData") == [0, 7]


def test_a_row_of_no_signals_is_refused_and_binds_nothing(any_saver):
    log = DataToExportTimedSaver(any_saver)
    for number in range(2):
        with pytest.raises(DataMismatchError, match="nothing to save"):
            log.add_data("/RawData", DataToExport("nothing", data=[]))
        log.add_data("/RawData", power(number))
        assert rows_of(any_saver, "/RawData") == [0, 1][: number + 1]
    assert any_saver.get_node("/RawData/NavAxes/Axis00").shape == (2,)


@pytest.mark.parametrize(
    "value", [None, "a", ["a"], [1j], [None], [[1.0], [1.0, 2.0]], object(), [np.datetime64("2026-01-01")]]
)
def test_values_of_a_growing_axis_that_are_no_numbers_are_refused(saver, value):
    adaptive = DataToExportEnlargeableSaver(saver, ["x"], ["um"])
    with pytest.raises(DataMismatchError, match="the growing axis 'x' gets .* give a number"):
        adaptive.add_data("/RawData", power(0), axis_values=[value])
    assert saver.raw_group.children_name() == ["Logger"]
    for number, good in enumerate(
        [1, True, np.float32(0.5), np.array([3]), np.nan, np.ma.masked_array(2.0, True)]
    ):
        adaptive.add_data("/RawData", power(number), axis_values=[good])
    held = saver.get_node("/RawData/NavAxes/Axis00").read()
    np.testing.assert_array_equal(held, [1, 1, 0.5, 3, np.nan, np.nan])


def test_settings_are_written_to_each_file(tmp_path):
    saver = H5SaverLowLevel.from_file(tmp_path / "first.h5")
    log = DataToExportTimedSaver(saver)
    log.add_data("/RawData", power(0), settings_as_xml="<a/>")
    saver.init_file(tmp_path / "second.h5", new_file=True)
    log.add_data("/RawData", power(0), settings_as_xml="<a/>", operator="me")
    assert (saver.raw_group.attrs["settings"], saver.raw_group.attrs["operator"]) == ("<a/>", "me")
    group = saver.add_det_group("/RawData", title="D")
    for _ in range(2):
        log.add_data(group, power(0), settings_as_xml="<b/>")
        assert group.attrs["settings"] == "<b/>"
        saver.remove_node(group)
        group = saver.add_det_group("/RawData", title="D")
    saver.close_file()


@pytest.mark.parametrize(
    ("values", "nav_indexes"),
    [(np.zeros(0), ()), (np.zeros((2, 0)), ()), (np.zeros(0), (0,)), (np.zeros((0, 3)), (0,))],
    ids=["no values", "no values in two dimensions", "no rows", "no rows of three values"],
)
def test_rows_that_hold_nothing_are_refused_and_bind_nothing(saver, values, nav_indexes):
    nothing = DataRaw("power", data=[values], nav_indexes=nav_indexes)
    axis_values = [np.zeros(0) if nav_indexes else 1.0]
    with pytest.raises(DataMismatchError, match="nothing to save"):
        DataEnlargeableSaver(saver, ["x"], ["um"]).add_data("/RawData", nothing, axis_values)
    with pytest.raises(DataMismatchError, match="nothing to save"):
        DataToExportEnlargeableSaver(saver, ["x"], ["um"]).add_data(
            "/RawData", DataToExport("p", data=[nothing]), axis_values
        )
    assert saver.raw_group.children_name() == ["Logger"]
