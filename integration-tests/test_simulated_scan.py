"""A simulated scan, read back three ways: every value is what the instruments gave."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from pymodaq_data.h5modules.data_saving import DataLoader as PeerLoader

from h5modules.data_saving import DataLoader
from h5modules.scanning import LinearAxis, Plan, run_scan
from h5modules_simulators import make_microscope

SHAPE = (4, 3)
NODES = {
    "Photodiode": "/RawData/Scan000/Detector000/Data0D/CH00/Data00",
    "Spectrometer": "/RawData/Scan000/Detector001/Data1D/CH00/Data00",
    "Camera": "/RawData/Scan000/Detector002/Data2D/CH00/Data00",
    "Stage x": "/RawData/Scan000/Actuator000/Data0D/CH00/Data00",
    "Stage y": "/RawData/Scan000/Actuator001/Data0D/CH00/Data00",
}


class Recorder:
    """Keeps what a detector returned, beside handing it on."""

    def __init__(self, detector: Any) -> None:
        self.title, self.units = detector.title, detector.units
        self.axes, self.labels, self.settings = detector.axes, detector.labels, detector.settings
        self.kept: list[np.ndarray[Any, Any]] = []
        self._detector = detector

    def read(self) -> tuple[np.ndarray[Any, Any], ...]:
        (values,) = self._detector.read()
        self.kept.append(values.copy())
        return (values,)

    def scan(self) -> np.ndarray[Any, Any]:
        values = np.array(self.kept)
        point = values.shape[1:] if values.shape[1:] != (1,) else ()
        return values.reshape(*SHAPE, *point)


@dataclass(frozen=True)
class Scan:
    """A file, and what should be in it."""

    path: Path
    values: dict[str, np.ndarray[Any, Any]]
    units: dict[str, str]
    signal_axes: dict[str, list[tuple[str, str, np.ndarray[Any, Any]]]]
    nav_axes: list[tuple[str, str, np.ndarray[Any, Any]]]


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    microscope = make_microscope(seed=3)
    recorders = [Recorder(detector) for detector in microscope.detectors]
    plan = Plan([LinearAxis("Stage x", -6, 6, SHAPE[0]), LinearAxis("Stage y", -10, 10, SHAPE[1])])
    path = tmp_path_factory.mktemp("scan") / "scan.h5"
    run_scan(plan, microscope.actuators, recorders, path)
    x, y = (np.array(axis.positions()) for axis in plan.axes)
    places = dict(zip(("Stage x", "Stage y"), np.meshgrid(x, y, indexing="ij"), strict=True))
    return Scan(
        path,
        {recorder.title: recorder.scan() for recorder in recorders} | places,
        {device.title: device.units for device in (*microscope.detectors, *microscope.actuators)},
        {each.title: [(axis.label, axis.units, axis.values) for axis in each.axes] for each in recorders},
        [("Stage x", "um", x), ("Stage y", "um", y)],
    )


@pytest.fixture
def our_loader(scan: Scan) -> Iterator[DataLoader]:
    with DataLoader(scan.path) as loader:
        yield loader


@pytest.fixture
def peer_loader(scan: Scan) -> Iterator[Any]:
    loader = PeerLoader(scan.path)
    yield loader
    loader.close_file()


def assert_is_what_was_measured(loaded: Any, title: str, scan: Scan) -> None:
    np.testing.assert_array_equal(loaded[0], scan.values[title])
    assert loaded[0].dtype == scan.values[title].dtype
    assert (loaded.name, loaded.origin, loaded.units) == (title, title, scan.units[title])
    assert tuple(loaded.nav_indexes) == (0, 1)
    expected = scan.nav_axes + scan.signal_axes.get(title, [])
    axes = sorted(loaded.axes, key=lambda axis: axis.index)
    assert [axis.index for axis in axes] == list(range(len(expected)))
    for axis, (label, units, values) in zip(axes, expected, strict=True):
        assert (axis.label, axis.units) == (label, units)
        np.testing.assert_allclose(axis.get_data(), values, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("title", NODES)
def test_our_loader_gives_what_was_measured(title: str, scan: Scan, our_loader: DataLoader) -> None:
    assert_is_what_was_measured(our_loader.load_data(NODES[title]), title, scan)


@pytest.mark.filterwarnings("ignore:The specified dimensionality")  # PyMoDAQ's loader has it for every scan
@pytest.mark.parametrize("title", NODES)
def test_pymodaq_gives_what_was_measured(title: str, scan: Scan, peer_loader: Any) -> None:
    assert_is_what_was_measured(peer_loader.load_data(NODES[title]), title, scan)


@pytest.mark.parametrize("title", NODES)
def test_plain_h5py_gives_what_was_measured(title: str, scan: Scan) -> None:
    with h5py.File(scan.path) as file:
        dataset = file[NODES[title]]
        np.testing.assert_array_equal(dataset[...], scan.values[title])
        assert dataset.attrs["units"] == scan.units[title]
        group = dataset.parent
        for number, (label, units, values) in enumerate(scan.signal_axes.get(title, [])):
            axis = group[f"Axis{number:02d}"]
            np.testing.assert_allclose(axis[...], values, rtol=1e-12)
            assert (axis.attrs["label"], axis.attrs["units"]) == (label, units)
        for number, (label, _, values) in enumerate(scan.nav_axes):
            axis = group.parent.parent[f"NavAxes/Axis{number:02d}"]
            np.testing.assert_allclose(axis[...], values, rtol=1e-12)
            assert axis.attrs["label"] == label


def test_pymodaq_loads_the_whole_file(scan: Scan, peer_loader: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyMoDAQ warns of axes that it misses in what has none
        everything = peer_loader.load_all("/RawData")
    assert set(NODES) <= set(everything.get_names())


def test_the_record_tells_that_every_point_was_acquired(scan: Scan) -> None:
    with h5py.File(scan.path) as file:
        record = file["/RawData/Scan000/Acquired"][...]
    np.testing.assert_array_equal(record.ravel(), np.arange(1, record.size + 1))
