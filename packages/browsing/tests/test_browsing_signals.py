from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.browsing import NothingToShowError, ScanSignal, find_scan, iter_progress, iter_signals
from h5modules.browsing.qt._progress import newest_progress
from h5modules.saving import H5SaverLowLevel


class Opened:
    """The signals of a scan, with the file open as long as a test needs it."""

    def __init__(self, path: Path, scan: str | None = None) -> None:
        self._saver = H5SaverLowLevel.from_file(path, mode="r")
        self._scan = scan

    def __enter__(self) -> list[ScanSignal]:
        return list(iter_signals(self._saver, find_scan(self._saver, self._scan)))

    def __exit__(self, *_error: object) -> None:
        self._saver.close()


def test_a_signal_knows_its_axes_and_its_values(make_scan: Any) -> None:
    path = make_scan(
        (2, 3),
        {"Spectrum": lambda index: np.arange(4.0) + 10 * index[0] + index[1]},
        {
            "Spectrum": {
                "units": "V",
                "axes": [("wavelength", "nm", [1.0, 2.0, 4.0, 8.0])],
                "labels": ["left"],
            }
        },
    )
    with Opened(path) as (signal,):
        assert (signal.title, signal.label, signal.units, signal.origin) == (
            "Spectrum",
            "left",
            "V",
            "Spectrum",
        )
        assert (signal.scan_shape, signal.signal_dimensions) == ((2, 3), 1)
        assert [(axis.label, axis.units) for (axis,) in signal.nav_axes] == [
            ("Stage x", "um"),
            ("Stage y", "um"),
        ]
        assert signal.signal_axes[0] is not None
        np.testing.assert_array_equal(signal.signal_axes[0].values, [1, 2, 4, 8])
        np.testing.assert_array_equal(signal.frame((1, 2)), [12, 13, 14, 15])
        places, frames = signal.frames(1000)
        assert places.shape == (6, 2)
        np.testing.assert_array_equal(frames.mean(axis=0), [6, 7, 8, 9])


def test_only_some_frames_of_many_are_read(make_scan: Any) -> None:
    path = make_scan((10,), {"Spectrum": lambda index: np.full(5, float(index[0]))})
    with Opened(path) as (signal,):
        places, frames = signal.frames(most=20)
    np.testing.assert_array_equal(places[:, 0], [0, 3, 6, 9])
    np.testing.assert_array_equal(frames[:, 0], [0, 3, 6, 9])


def test_points_that_were_not_acquired_are_not_values(make_scan: Any) -> None:
    path = make_scan((2, 2), {"Counter": lambda index: 7, "Frame": lambda index: np.ones((2, 2))}, points=3)
    with Opened(path) as (counter, frame):
        np.testing.assert_array_equal(counter.acquired, [[True, True], [True, False]])
        np.testing.assert_array_equal(counter.map(), [[7, 7], [7, np.nan]])
        assert len(frame.frames(1000)[0]) == 3


def test_error_bars_belong_to_their_channel(make_scan: Any) -> None:
    signals = {"Lock-in": lambda index: (1.0, 2.0), "Plain": lambda index: 0.0}
    path = make_scan((3,), signals, {"Lock-in": {"error": 0.25, "labels": ["X", "Y"]}})
    with Opened(path) as found:
        assert [signal.label for signal in found] == ["X", "Y", ""]
        assert [None if (bars := each.error_map()) is None else bars.tolist() for each in found] == [
            [0.25] * 3,
            [0.25] * 3,
            None,
        ]


def test_complex_values_are_shown_by_their_magnitude(make_scan: Any) -> None:
    path = make_scan((2,), {"Analyser": lambda index: 3 + 4j})
    with Opened(path) as (signal,):
        np.testing.assert_array_equal(signal.map(), [5, 5])


def test_scans_are_found_by_name_by_path_or_as_the_last(make_scan: Any) -> None:
    for title in ("first", "second"):
        path = make_scan((2,), {title: lambda index: 1.0})
    for name, title in ((None, "second"), ("Scan000", "first"), ("/RawData/Scan000", "first")):
        with Opened(path, name) as (signal,):
            assert signal.title == title


@pytest.mark.parametrize(
    "name", ["Scan007", "/RawData", "/RawData/Logger", "/RawData/Scan000/Detector000", ""]
)
def test_what_is_no_scan_is_told_with_those_there_are(make_scan: Any, name: str) -> None:
    path = make_scan((2,), {"Diode": lambda index: 1.0})
    with (
        pytest.raises(NothingToShowError, match=rf"does not hold the scan {name!r}; it holds Scan000"),
        H5SaverLowLevel.from_file(path, mode="r") as saver,
    ):
        find_scan(saver, name)


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        ("datalogger", "Datalogger000", ["Photodiode", "Thermostat"]),
        ("optimizer", "Optimizer000", ["Photodiode"]),
    ],
)
def test_a_file_without_scans_shows_its_log(make_log: Any, kind: str, name: str, shown: list[str]) -> None:
    path = make_log(kind, (3, 2))
    for wanted in (None, name, f"/RawData/{name}"):
        with Opened(path, wanted) as signals:
            assert [signal.title for signal in signals] == shown
    with (
        pytest.raises(NothingToShowError, match=rf"does not hold the scan 'Scan000'; it holds {name}\."),
        H5SaverLowLevel.from_file(path, mode="r") as saver,
    ):
        find_scan(saver, "Scan000")


def test_the_newest_of_scans_logs_and_adaptive_scans_is_shown(make_log: Any) -> None:
    path = make_log("optimizer", (3, 2))
    make_log("datalogger", (3, 2), path=path)
    assert newest(path) == "Datalogger000"  # nobody knows when, and its data are the youngest
    with h5py.File(path, "a") as raw:
        for number, name in enumerate(("Scan000", "Scan001")):
            raw["RawData"].create_group(name).attrs.update(type="scan", begun=1.7e9 + number)
        raw["RawData/Optimizer000"].attrs["begun"] = 1.71e9
    assert newest(path) == "Datalogger000"
    with h5py.File(path, "a") as raw:
        raw["RawData/Optimizer000"].attrs["begun"] = 1e11
    assert newest(path) == "Optimizer000"
    with h5py.File(path, "a") as raw:
        raw["RawData/Scan001"].attrs["begun"] = 2e11
    assert newest(path) == "Scan001"


def newest(path: Path) -> str:
    """Return the name of the scan that is shown where nobody names one."""
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        return find_scan(saver).name


def test_the_newest_is_watched(make_scan: Any, make_log: Any, tmp_path: Path) -> None:
    path = make_scan((2,), {"Diode": lambda index: 1.0})
    make_log("optimizer", (3, 3), path=path)
    assert "Optimizer000" in next(iter_progress(path)).path
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        told = newest_progress(saver)
    assert told is not None
    assert "Optimizer000" in told[1].path


def test_of_what_nobody_knows_the_age_of_a_scan_is_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        for kind in ("scan", "datalogger", "optimizer", "scan"):
            saver.add_generic_group("/RawData", "", group_type=kind)
    assert newest(path) == "Scan001"


def test_a_file_without_scans_is_told(tmp_path: Path) -> None:
    path = tmp_path / "empty.h5"
    h5py.File(path, "w").close()
    with (
        pytest.raises(NothingToShowError, match=r"empty\.h5' does not hold a scan\."),
        H5SaverLowLevel.from_file(path, mode="r") as saver,
    ):
        find_scan(saver)


@pytest.fixture
def peer_file(tmp_path: Path) -> Path:
    """Make a file with PyMoDAQ's own savers: a scan over a grid, and one whose points are listed."""
    from pymodaq_data.data import Axis, DataDistribution, DataRaw, DataToExport
    from pymodaq_data.h5modules.data_saving import DataToExportExtendedSaver
    from pymodaq_data.h5modules.saving import H5SaverLowLevel as PeerSaver

    saver = PeerSaver()
    saver.init_file(tmp_path / "peer.h5", new_file=True)
    for spread in (False, True):
        scan = saver.add_scan_group(title="listed" if spread else "grid")
        detector = saver.add_det_group(scan, title="Detector")
        shape = (4,) if spread else (2, 3)
        writer = DataToExportExtendedSaver(saver, extended_shape=shape)
        axes = [
            Axis(
                name,
                "mm",
                np.arange(shape[0 if spread else number]) ** 2.0,
                0 if spread else number,
                spread_order=number,
            )
            for number, name in enumerate(("a", "b"))
        ]
        writer.add_nav_axes(detector, axes)
        for number, index in enumerate(np.ndindex(*shape)):
            power = DataRaw("power", data=[np.array([float(number)])], labels=["p"], origin="Detector")
            kind = DataDistribution.spread if spread else DataDistribution.uniform
            writer.add_data(detector, DataToExport("point", data=[power]), index, kind)
    saver.close_file()
    return tmp_path / "peer.h5"


def test_scans_of_pymodaq_are_shown(peer_file: Path) -> None:
    with Opened(peer_file, "Scan000") as (signal,):
        np.testing.assert_array_equal(signal.map(), [[0, 1, 2], [3, 4, 5]])
        assert [axis.label for (axis,) in signal.nav_axes] == ["a", "b"]
        assert signal.acquired.all()
    with Opened(peer_file, "Scan001") as (signal,):
        assert [axis.label for axis in signal.nav_axes[0]] == ["a", "b"]
        np.testing.assert_array_equal(signal.map(), [0, 1, 2, 3])


def test_times_of_pymodaq_tell_what_was_acquired(peer_file: Path) -> None:
    with h5py.File(peer_file, "r+") as file:
        times = file["RawData/Scan000"].create_group("Timestamps/Data0D/CH00")
        times["Data00"] = [[0.1, 0.2, 0.3], [0.4, np.nan, np.nan]]
    with Opened(peer_file, "Scan000") as (signal,):
        assert signal.acquired.sum() == 4
