"""The scan of `h5modules demo`, small: what the instruments gave is what three readers find in the file."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.data_saving import DataLoader
from h5modules.scanning import DeviceFailedError, LinearAxis, Plan, run_scan
from h5modules_simulators import DeviceFaultError, Faults, FaultyDetector, Microscope, make_microscope

SHAPE = (4, 3)
WHERE = {
    "Photodiode": "/RawData/Scan000/Detector000/Data0D/CH00/Data00",
    "Spectrometer": "/RawData/Scan000/Detector001/Data1D/CH00/Data00",
    "Camera": "/RawData/Scan000/Detector002/Data2D/CH00/Data00",
}
STAGES = {
    "Stage x": "/RawData/Scan000/Actuator000/Data0D/CH00/Data00",
    "Stage y": "/RawData/Scan000/Actuator001/Data0D/CH00/Data00",
}


class Recorded:
    """A detector that keeps a copy of all it returned."""

    def __init__(self, detector: Any) -> None:
        self._detector = detector
        self.title, self.units = detector.title, detector.units
        self.labels, self.axes, self.settings = detector.labels, detector.axes, detector.settings
        self.returned: list[np.ndarray[Any, Any]] = []

    def prepare(self, point: int) -> None:
        self._detector.prepare(point)

    def read(self) -> Any:
        values = self._detector.read()
        (channel,) = copy.deepcopy(values)
        self.returned.append(channel)
        return values

    @property
    def expected(self) -> np.ndarray[Any, Any]:
        """All that was returned, in the shape of the scan; a single value adds no dimension."""
        values = np.array(self.returned)
        return values.reshape(*SHAPE, *(values.shape[1:] if values.shape[1:] != (1,) else ()))


@dataclass(frozen=True)
class Scan:
    path: Path
    plan: Plan
    microscope: Microscope
    detectors: dict[str, Recorded]


@pytest.fixture(scope="module", params=[0, 7], ids=["seed0", "seed7"])
def scan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scan:
    microscope = make_microscope(seed=request.param)
    plan = Plan(
        LinearAxis(stage.title, -40, 40, count)
        for stage, count in zip(microscope.actuators, SHAPE, strict=True)
    )
    detectors = [Recorded(detector) for detector in microscope.detectors]
    path = tmp_path_factory.mktemp("scan") / "demo.h5"
    run_scan(plan, microscope.actuators, detectors, path, title="Simulated sample")
    return Scan(path, plan, microscope, {detector.title: detector for detector in detectors})


Load = Callable[[str], Any]


@pytest.fixture(params=["ours", "pymodaq"])
def load(request: pytest.FixtureRequest, scan: Scan) -> Iterator[Load]:
    """Load a node as data: with our loader, then with PyMoDAQ's own."""
    if request.param == "ours":
        with DataLoader(scan.path) as loader:
            yield loader.load_data
        return
    from pymodaq_data.h5modules.data_saving import DataLoader as PeerLoader
    from pymodaq_data.h5modules.saving import H5SaverLowLevel as PeerSaver

    saver = PeerSaver(backend="h5py")
    saver.open_file(scan.path, "r")

    def load_data(where: str) -> Any:
        with warnings.catch_warnings():
            # About any scan, its own too: at first it takes the dimensions of the scan for the signal's.
            warnings.simplefilter("ignore")
            return PeerLoader(saver).load_data(where)

    try:
        yield load_data
    finally:
        saver.close_file()


@pytest.mark.parametrize("title", WHERE)
def test_loaders_give_what_the_instruments_gave(scan: Scan, load: Load, title: str) -> None:
    detector, data = scan.detectors[title], load(WHERE[title])
    np.testing.assert_array_equal(data[0], detector.expected)
    assert data[0].dtype == detector.expected.dtype
    assert (data.name, data.origin, data.units) == (title, title, detector.units)
    assert list(data.labels) == list(detector.labels)
    assert tuple(data.nav_indexes) == (0, 1)


@pytest.mark.parametrize("title", WHERE)
def test_loaders_give_the_axes_of_scan_and_signal(scan: Scan, load: Load, title: str) -> None:
    axes = {axis.index: axis for axis in load(WHERE[title]).axes}
    expected = [
        *((axis.actuator, "um", axis.positions()[:, 0]) for axis in scan.plan.axes),
        *((axis.label, axis.units, axis.values) for axis in scan.detectors[title].axes),
    ]
    assert len(axes) == len(expected)
    for index, (label, units, values) in enumerate(expected):
        assert (axes[index].label, axes[index].units) == (label, units)
        # PyMoDAQ's Axis keeps an offset and a step, and rounds.
        np.testing.assert_allclose(axes[index].get_data(), values, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("number", [0, 1], ids=list(STAGES))
def test_loaders_give_where_the_stages_were(scan: Scan, load: Load, number: int) -> None:
    title, where = list(STAGES.items())[number]
    data = load(where)
    wanted = np.array(scan.plan.axes[number].positions()[:, 0])
    expected = np.broadcast_to(wanted[:, np.newaxis] if number == 0 else wanted, SHAPE)
    np.testing.assert_allclose(data[0], expected, atol=0.0005)  # the encoder's steps
    assert (data.name, data.units) == (title, "um")


def test_plain_h5py_finds_the_same(scan: Scan) -> None:
    with h5py.File(scan.path, "r") as file:
        for title, detector in scan.detectors.items():
            array = file[WHERE[title]]
            np.testing.assert_array_equal(array[()], detector.expected)
            assert array.dtype == detector.expected.dtype
            assert array.attrs["units"] == detector.units
            assert array.attrs["label"] == detector.labels[0]
            for number, axis in enumerate(detector.axes):
                saved = array.parent[f"Axis{number:02d}"]
                np.testing.assert_array_equal(saved[()], axis.values)
                assert (saved.attrs["label"], saved.attrs["units"]) == (axis.label, axis.units)
            navigation = array.parent.parent.parent["NavAxes"]
            for number, axis in enumerate(scan.plan.axes):
                saved = navigation[f"Axis{number:02d}"]
                np.testing.assert_array_equal(saved[()], axis.positions()[:, 0])
                assert (saved.attrs["label"], saved.attrs["units"]) == (axis.actuator, "um")
        group = file["RawData/Scan000"]
        assert Plan.from_toml(group.attrs["plan"]) == scan.plan
        np.testing.assert_array_equal(group["Acquired"][()], np.arange(1, 13).reshape(SHAPE))
        seconds = group["Timestamps/Data0D/CH00/Data00"][()]
        assert (np.diff(seconds.ravel()) > 0).all()


def test_the_same_seed_gives_the_same_scan(scan: Scan, tmp_path: Path) -> None:
    again = make_microscope(seed=scan.microscope.camera.settings["seed"])
    path = run_scan(scan.plan, again.actuators, again.detectors, tmp_path / "again.h5").path
    with h5py.File(path) as file:
        for title, where in WHERE.items():
            np.testing.assert_array_equal(file[where][()], scan.detectors[title].expected)


def test_reading_changes_nothing(scan: Scan) -> None:
    from h5modules.browsing import plot_scan

    before = scan.path.read_bytes()
    with DataLoader(scan.path) as loader:
        loader.load_all()
    plot_scan(scan.path)
    assert scan.path.read_bytes() == before


def test_instruments_forget_the_scan_when_it_is_over(tmp_path: Path) -> None:
    used, fresh = make_microscope(seed=1), make_microscope(seed=1)
    plan = Plan([LinearAxis("Stage x", -2, 2, 3)])
    run_scan(plan, used.actuators, used.detectors, tmp_path / "scan.h5")
    for microscope in (used, fresh):
        microscope.stage.x.move_to(1.0)
    for one, other in zip(used.detectors, fresh.detectors, strict=True):
        for array, expected in zip(one.read(), other.read(), strict=True):
            assert np.array_equal(array, expected)


def test_a_fault_strikes_a_second_scan_as_it_did_the_first(tmp_path: Path) -> None:
    microscope = make_microscope(seed=1)
    diode = FaultyDetector(microscope.photodiode, Faults(error_at=(1,)))
    plan = Plan([LinearAxis("Stage x", 0, 1, 2)])
    for name in ("first.h5", "second.h5"):
        with pytest.raises(DeviceFailedError, match="at point 1 of 2"):
            run_scan(plan, [microscope.stage.x], [diode], tmp_path / name)
    with pytest.raises(DeviceFaultError):
        diode.read()  # the first call since the scan was over
    assert len(diode.read()) == 1
