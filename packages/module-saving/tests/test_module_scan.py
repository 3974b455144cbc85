from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from pymodaq_data.data import Axis, DataDistribution, DataRaw, DataToExport

from h5modules.backends import Driver, FileClosedError, NodeError, _registry, get_driver
from h5modules.data_saving import DataLoader, DataMismatchError, ScanIndexError, ScanShapeError
from h5modules.module_saving import (
    ActuatorExtendedSaver,
    ActuatorSaver,
    DetectorExtendedSaver,
    DetectorSaver,
    ModuleTitleError,
    ScanClock,
    ScanSaver,
    settings_to_xml,
)
from h5modules.saving import H5SaverLowLevel


@dataclass
class Device:
    title: str

    def settings_xml(self):
        return settings_to_xml({"of": self.title})


@dataclass
class Choosy(Device):
    def saves(self, data):
        return data.dim.name != "Data2D"


@dataclass
class Scan(Device):
    detectors: tuple[Device, ...] = (Device("Diode"), Device("Camera"))
    actuators: tuple[Device, ...] = (Device("X"), Device("Y"))


@pytest.fixture
def saver(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "modules.h5") as opened:
        yield opened


def point(number):
    return DataToExport(
        "point",
        data=[
            DataRaw("power", origin="Diode", units="mW", data=[np.array([float(number)])]),
            DataRaw("noise", origin="Diode", data=[np.array([0.5 * number])]),
            DataRaw("frame", origin="Camera", data=[np.full((2, 3), number, np.uint16)]),
            DataRaw("X", origin="X", units="um", data=[np.array([number + 0.25])]),
        ],
    )


def started(saver, shape=(2, 3)):
    scan = ScanSaver(Scan("Map"), saver)
    scan.set_scan_shape(shape)
    scan.get_set_node(new=True)
    scan.add_nav_axes(
        [
            Axis(n, "um", np.arange(float(k)), index=i)
            for i, (n, k) in enumerate(zip("XY", shape, strict=False))
        ]
    )
    return scan


def told(saver):
    return [(node.path, repr(getattr(node, "read", str)())) for node in saver.walk_nodes()]


def test_a_scan_of_several_modules(saver):
    for _ in range(2):
        scan = started(saver)
        for number, index in enumerate(np.ndindex(2, 3)):
            if index != (1, 2):
                scan.add_data(point(number), index)
    raw = saver.raw_group
    assert raw.children_name() == ["Logger", "Scan000", "Scan001"]
    group = saver.get_node(raw, "Scan001")
    names = ["Acquired", "Actuator000", "Actuator001", "Detector000", "Detector001", "Timestamps"]
    assert group.children_name() == names
    assert (group.title, group.attrs["type"]) == ("Map", "scan")
    assert group.attrs["settings"] == settings_to_xml({"of": "Map"})
    titles = [saver.get_node(group, name).title for name in names[1:5]]
    assert titles == ["X", "Y", "Diode", "Camera"]
    assert saver.get_node(group, "Actuator001").children_name() == ["NavAxes"]
    assert saver.get_node(group, "Acquired").read().tolist() == [[1, 2, 3], [4, 5, 0]]
    loader = DataLoader(saver)
    power = loader.load_data_from_name_origin("power", "Diode", where=group)
    np.testing.assert_array_equal(power[0], [[0, 1, 2], [3, 4, np.nan]])
    assert [axis.label for axis in power.axes] == ["X", "Y"]
    frame = loader.load_data_from_name_origin("frame", "Camera", where=group)
    assert frame[0][:, :, 0, 0].tolist() == [[0, 1, 2], [3, 4, 0]]
    times = loader.load_data_from_name_origin("ElapsedTime", "Timestamps", where=group)
    elapsed = times[0].ravel()
    assert times.units == "s"
    assert np.isnan(elapsed[-1])
    assert np.all(np.diff(elapsed[:-1]) > 0)
    assert elapsed[0] >= 0
    assert loader.load_acquired(times.path).sum() == 5


def test_the_second_point_asks_the_library_for_nothing_but_writing(tmp_path, monkeypatch):
    calls: Counter[str] = Counter()
    real = get_driver("h5py")

    def counting(name):
        def call(self, *arguments, **options):
            calls[name] += 1
            return getattr(super(Counting, self), name)(*arguments, **options)

        return call

    names = [name for name, value in vars(Driver).items() if callable(value) and not name.startswith("_")]
    body = {name: counting(name) for name in names if name not in ("open", "delete_file")}
    Counting = type("Counting", (real,), body)  # noqa: N806 - a class
    monkeypatch.setitem(_registry._loaded, "h5py", Counting)
    with H5SaverLowLevel.from_file(tmp_path / "counted.h5") as saver:
        scan = started(saver)
        scan.add_data(point(0), (0, 0))
        assert calls["writer"] == 6
        calls.clear()
        scan.add_data(point(1), (0, 1))
        assert not calls  # the writers hold their handles
        assert saver.get_node("/RawData/Scan000/Acquired").read()[0].tolist() == [1, 2, 0]


def test_spread_scans(saver):
    scan = ScanSaver(Scan("Spread"), saver)
    scan.set_scan_shape([3])
    scan.get_set_node(new=True)
    values = np.array([0.3, 0.1, 0.9])
    scan.add_nav_axes(
        [Axis(name, "um", values * (n + 1), index=0, spread_order=n) for n, name in enumerate("XY")]
    )
    for number in range(3):
        scan.add_data(point(number), [number], DataDistribution.spread)
    power = DataLoader(saver).load_data_from_name_origin("power", "Diode")
    assert (power.distribution.name, [axis.spread_order for axis in power.axes]) == ("spread", [0, 1])


@pytest.mark.parametrize("index", [(2, 0), (-1, 0), (0,), (0, 1.5)], ids=str)
def test_points_outside(saver, index):
    scan = started(saver)
    before = told(saver)
    with pytest.raises(ScanIndexError, match="point"):
        scan.add_data(point(0), index)
    assert told(saver) == before


def test_a_first_point_that_cannot_be_saved_leaves_nothing(saver):
    scan = started(saver)
    before = told(saver)
    bad = point(0)
    bad.data[2].add_extra_attribute(label="x")
    with pytest.raises(ValueError, match="label"):
        scan.add_data(bad, (0, 0))
    with pytest.raises(DataMismatchError, match=r"\['Ghost'\]"):
        scan.add_data(DataToExport("p", data=[DataRaw("g", origin="Ghost", data=[np.ones(1)])]), (0, 0))
    with pytest.raises(DataMismatchError, match="nothing to save"):
        scan.add_data(DataToExport("p", data=[]), (0, 0))
    assert told(saver) == before
    scan.add_data(DataToExport("p", data=point(0).data[:2]), (0, 0))  # the first point that counts


@pytest.mark.parametrize("change", ["module", "signal", "shape"])
def test_points_that_are_not_like_the_first(saver, change):
    scan = started(saver)
    scan.add_data(point(0), (0, 0))
    other = point(1)
    if change == "module":
        del other.data[3]
    elif change == "signal":
        del other.data[1]
    else:
        other.data[2] = DataRaw("frame", origin="Camera", data=[np.zeros((3, 2), np.uint16)])
    before = told(saver)
    with pytest.raises(DataMismatchError):
        scan.add_data(other, (0, 1))
    assert told(saver) == before
    scan.add_data(point(2), (0, 1))


def test_going_on_after_opening_again(saver, tmp_path):
    scan = started(saver)
    scan.add_data(point(0), (0, 0))
    saver.close_file()
    with pytest.raises(FileClosedError, match="closed"):
        scan.add_data(point(1), (0, 1))
    saver.init_file(tmp_path / "modules.h5")
    scan.add_data(point(1), (0, 1))
    again = ScanSaver(Scan("Map"), saver)
    again.set_scan_shape((2, 3))
    assert again.get_set_node().name == "Scan000"
    again.add_data(point(2), (0, 2))
    times = saver.get_node("/RawData/Scan000/Timestamps/Data0D/CH00/Data00").read()[0]
    assert times[0] < times[1] < times[2]
    other = ScanSaver(Scan("Map"), saver)
    other.set_scan_shape((6,))
    other.get_set_node()
    with pytest.raises(DataMismatchError, match="shape"):
        other.add_data(point(3), (0,))


def test_what_is_missing_is_told(saver):
    scan = ScanSaver(Scan("Map"))
    with pytest.raises(FileClosedError, match="set h5saver first"):
        scan.get_set_node()
    scan.h5saver = saver
    with pytest.raises(ScanShapeError, match="not the shape"):
        scan.set_scan_shape(())
    scan.set_scan_shape((2,))
    for call in (lambda: scan.add_data(point(0), (0,)), lambda: scan.add_nav_axes([])):
        with pytest.raises(NodeError, match="call get_set_node first"):
            call()
    with pytest.raises(ModuleTitleError, match="'A'"):
        ScanSaver(Scan("Map", (Device("A"),), (Device("A"),)), saver)
    assert saver.raw_group.children_name() == ["Logger"]


def test_the_shape_may_be_told_after_the_group_was_made(saver):
    scan = ScanSaver(Scan("Map"), saver)
    group = scan.get_set_node(new=True)
    with pytest.raises(ScanShapeError, match="set_scan_shape first"):
        scan.add_data(point(0), (0,))
    scan.set_scan_shape((2,))
    scan.renew_savers()
    assert scan.module_group == group
    for number in range(2):
        scan.add_data(point(number), (number,))
    assert [each.title for each in group.children().values() if "type" in each.attrs][:2]
    assert saver.get_node("/RawData/Scan000/Detector000/Data0D/CH00/Data00").read().tolist() == [0.0, 1.0]
    scan.set_scan_shape((3,))  # of the next scan: the one before has points
    with pytest.raises(NodeError, match="call get_set_node first"):
        scan.add_data(point(0), (2,))
    assert scan.get_set_node(new=True).name == "Scan001"


def test_snapshots(saver):
    detector = DetectorSaver(Device("Diode"), saver)
    assert detector.module.title == "Diode"
    with pytest.raises(NodeError, match="no group of a detector"):
        detector.get_last_node_index()
    assert detector.get_next_node_name() == "Detector000"
    group = detector.get_set_node()
    assert detector.get_set_node() == group == detector.module_group
    assert detector.get_set_node(name="Other").title == "Other"
    assert (detector.get_last_node_index(), detector.get_next_node_name()) == (1, "Detector002")
    detector.add_data(group, point(3))
    detector.add_bkg(group, DataToExport("b", data=[DataRaw("power", origin="Diode", data=[np.ones(1)])]))
    detector.flush()
    loader = DataLoader(saver)
    assert loader.load_data(f"{group.path}/Data0D/CH00/Data00", with_bkg=True)[0].tolist() == [2.0]
    actuator = ActuatorSaver(Device("X"), saver)
    actuator.add_data(actuator.get_set_node(), DataToExport("x", data=[point(1).data[3]]))
    assert saver.get_node("/RawData/Actuator000/Data0D/CH00/Data00").read().tolist() == [1.25]


def test_what_is_saved_is_chosen(saver):
    detector = DetectorSaver(Choosy("Diode"), saver)
    dte = point(1)
    dte.timestamp = 12.5
    dte.data[1].add_extra_attribute(do_save=False)
    filtered = detector.filter_data(dte)
    assert (filtered.get_names(), filtered.timestamp, len(dte)) == (["power", "X"], 12.5, 4)
    dte.data[2].add_extra_attribute(do_save=True)
    assert "frame" in detector.filter_data(dte).get_names()


def test_a_detector_and_an_actuator_by_themselves(saver):
    detector = DetectorExtendedSaver(Device("Diode"), (2,), saver)
    group = detector.get_set_node()
    detector.add_nav_axes(group, [Axis("t", "s", np.arange(2.0), index=0)])
    detector.add_data(group, DataToExport("p", data=point(4).data[:2]), (1,))
    detector.add_bkg(group, DataToExport("b", data=[DataRaw("power", origin="Diode", data=[np.ones(1)])]))
    data = DataLoader(saver).load_data(f"{group.path}/Data0D/CH00/Data00", with_bkg=True)
    np.testing.assert_array_equal(data[0], [np.nan, 3.0])
    actuator = ActuatorExtendedSaver(Device("X"), (2,))
    with pytest.raises(FileClosedError, match="set h5saver first"):
        actuator.add_data("/RawData", point(0), (0,))
    actuator.h5saver = saver
    actuator.add_data(actuator.get_set_node(), DataToExport("p", data=[point(0).data[3]]), (0,))


def test_the_clock(saver):
    now = [100.0]
    clock = ScanClock(saver, (3,), clock=lambda: now[0])
    group = clock.create("/RawData")
    now[0] = 102.5
    clock.add((0,))
    assert (group.attrs["type"], group.title) == ("time", "Timestamps")
    now[0] = 7.0  # another process, with a clock of its own
    later = ScanClock(saver, (3,), clock=lambda: now[0])
    later.create("/RawData")
    now[0] = 8.0
    later.add((1,))
    times = saver.get_node("/RawData/Timestamps/Data0D/CH00/Data00").read()
    np.testing.assert_array_equal(times, [2.5, 3.5, np.nan])


@pytest.mark.parametrize(
    ("begun_before", "expected"),
    [
        pytest.param(3600.0, 3601.0, id="the-break-counts"),
        pytest.param(1.0, 3.5, id="a-clock-that-was-set-back"),
        pytest.param(-3600.0, 3.5, id="begun-in-the-future"),
        pytest.param(np.nan, 3.5, id="no-number"),
    ],
)
def test_the_clock_of_a_scan_that_tells_when_it_was_begun(saver, begun_before, expected):
    now = [100.0]
    clock = ScanClock(saver, (2,), clock=lambda: now[0], date=lambda: 1e9)
    clock.create("/RawData")
    now[0] = 102.5
    clock.add((0,))
    saver.raw_group.attrs["begun"] = 1e9 - begun_before
    later = ScanClock(saver, (2,), clock=lambda: now[0], date=lambda: 1e9)
    later.create("/RawData")
    now[0] += 1.0
    later.add((1,))
    times = saver.get_node("/RawData/Timestamps/Data0D/CH00/Data00").read()
    np.testing.assert_allclose(times, [2.5, expected])


def test_a_scan_that_is_deleted_on_the_way_takes_no_further_point(saver):
    scan = started(saver)
    scan.add_data(point(0), (0, 0))
    saver.remove_node("/RawData/Scan000")
    with pytest.raises(NodeError, match="no node"):
        scan.add_data(point(1), (0, 1))
    group = scan.get_set_node(new=True)
    assert group.path == "/RawData/Scan000"
    scan.add_data(point(2), (0, 0))
    assert DataLoader(saver).load_data_from_name_origin("power", "Diode")[0][0, 0] == 2


def test_a_scan_goes_on_after_something_else_was_deleted(saver):
    saver.add_scan_group(title="an older one")
    scan = started(saver, (3,))
    for index in range(3):
        scan.add_data(point(index), (index,))
        if not index:
            saver.remove_node("/RawData/Scan000")
    data = DataLoader(saver).load_data_from_name_origin("power", "Diode", where="/RawData/Scan001")
    assert data[0].tolist() == [0, 1, 2]
    assert saver.get_node("/RawData/Scan001/Acquired").read().tolist() == [1, 2, 3]
    elapsed = DataLoader(saver).load_data_from_name_origin("ElapsedTime", "Timestamps")[0]
    assert np.all(np.diff(elapsed) > 0)
