"""Scans as the savers below this package write them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ScanMaker = Callable[..., Path]


@pytest.fixture
def make_scan(tmp_path: Path) -> ScanMaker:
    """Make a scan over axes from 0 to 1; each signal is a function of the index of a point."""
    from pymodaq_data.data import Axis, DataRaw, DataToExport

    from h5modules.data_saving import DataToExportExtendedSaver
    from h5modules.saving import H5SaverLowLevel

    def signal(name: str, values: Any, options: Mapping[str, Any]) -> Any:
        channels = [
            np.atleast_1d(channel) for channel in (values if isinstance(values, tuple) else (values,))
        ]
        options = dict(options)
        axes = [
            Axis(label, units, np.asarray(points), index=index)
            for index, (label, units, points) in enumerate(options.pop("axes", ()))
        ]
        if "error" in options:
            error = options.pop("error")
            options["errors"] = [np.full(channel.shape, error) for channel in channels]
        return DataRaw(name, origin=name, data=channels, axes=axes, **options)

    def make(
        shape: Sequence[int],
        signals: Mapping[str, Callable[[tuple[int, ...]], Any]],
        options: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        points: int | None = None,
        title: str = "Scan",
        path: Path = tmp_path / "scan.h5",
    ) -> Path:
        with H5SaverLowLevel.from_file(path) as saver:
            scan = saver.add_scan_group(title=title)
            detector = saver.add_det_group(scan, title="Detector")
            writer = DataToExportExtendedSaver(saver, shape)
            letters = zip("xyzuvw", shape, strict=False)
            axes = [
                Axis(f"Stage {letter}", "um", np.linspace(0, 1, length), index=index)
                for index, (letter, length) in enumerate(letters)
                if length > 1  # the peer's Axis warns about a single value
            ]
            writer.add_nav_axes(detector, axes)
            for number, index in enumerate(np.ndindex(*shape)):
                if points is None or number < points:
                    data = [
                        signal(name, measure(index), (options or {}).get(name, {}))
                        for name, measure in signals.items()
                    ]
                    writer.add_data(detector, DataToExport("point", data=data), index)
        return path

    return make


@pytest.fixture
def make_log(tmp_path: Path) -> Callable[..., Path]:
    """Make a log of a photodiode and a thermostat, or an adaptive scan, with rows of one value."""
    from pymodaq_data.data import DataRaw, DataToExport

    from h5modules.data_saving import DataToExportEnlargeableSaver
    from h5modules.saving import H5SaverLowLevel

    def make(
        kind: str, rows: tuple[int, int], title: str = "Night", path: Path = tmp_path / "log.h5"
    ) -> Path:
        label, units, first = ("time", "s", 1.75e9) if kind == "datalogger" else ("place", "um", 0.0)
        with H5SaverLowLevel.from_file(path) as saver:
            log = saver.add_generic_group("/RawData", title, group_type=kind)
            detector = saver.add_generic_group(log, "Photodiode", group_type="detector")
            actuator = saver.add_generic_group(log, "Thermostat", group_type="actuator")
            for module, count in zip((detector, actuator), rows, strict=True):
                writer, name = DataToExportEnlargeableSaver(saver, [label], [units]), module.title
                for row in range(count):
                    signal = DataRaw(name, units="V", origin=name, data=[np.array([row + 0.5])])
                    writer.add_data(module, DataToExport("row", data=[signal]), [first + row])
        return path

    return make


# Views, and a file to look at


@pytest.fixture
def point() -> Callable[[float], Any]:
    """Make what is measured at one point: a value, a spectrum and a frame."""
    from pymodaq_data.data import Axis, DataRaw, DataToExport

    wavelength = Axis("wavelength", "nm", 500.0 + np.arange(16), index=0)

    def measure(value: float) -> DataToExport:
        spectrum = [value + np.arange(16.0)]
        return DataToExport(
            "point",
            data=[
                DataRaw("power", units="mW", origin="Diode", data=[np.array([value])]),
                DataRaw("spectrum", units="V", origin="Spec", data=spectrum, axes=[wavelength]),
                DataRaw("frame", origin="Camera", data=[np.full((6, 7), value)]),
            ],
        )

    return measure


@pytest.fixture
def written(tmp_path: Path, point: Callable[[float], Any]) -> Iterator[tuple[Any, Any, Any]]:
    """A file that is being written, with a scan of 4 x 5 points, of which 15 were acquired."""
    from pymodaq_data.data import Axis

    from h5modules.data_saving import DataToExportExtendedSaver
    from h5modules.saving import H5SaverLowLevel

    places = [Axis("Y", "um", np.arange(4.0), index=0), Axis("X", "um", 2.0 * np.arange(5), index=1)]
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as file:
        scan = file.add_scan_group(title="Map")
        saver = DataToExportExtendedSaver(file, (4, 5))
        saver.add_nav_axes(scan, places)
        for number in range(15):
            saver.add_data(scan, point(float(number)), divmod(number, 5))
        yield file, saver, scan


@pytest.fixture
def shown(qtbot: Any) -> Callable[..., Any]:
    """Show a node in the best view, or in that of a class."""
    from h5modules.browsing.qt.views import Subject, views_for

    def show(file: Any, path: str, kind: Any = None) -> Any:
        subject = Subject(file, path)
        classes = views_for(subject)
        assert kind is None or kind in classes
        view = (kind or classes[0])()
        qtbot.addWidget(view)
        view.resize(900, 500)
        view.show()
        qtbot.waitExposed(view)
        view.show_subject(subject)
        return view

    return show


# Windows


@pytest.fixture
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves the thread of a browsed file."""
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("h5-")] == []


@pytest.fixture
def window(no_thread_left: None, qtbot: Any) -> Iterator[Any]:
    """The browser, shown."""
    from h5modules.browsing.qt import BrowserWindow

    shown = BrowserWindow()
    qtbot.addWidget(shown)
    shown.show()
    yield shown
    shown.close()
    assert shown.sources == []


@pytest.fixture
def opened(qtbot: Any) -> Callable[..., Any]:
    """Open a file in a window, perhaps at a node; give what is open when its rows were read."""

    def open_in(window: Any, path: Path, node: str = "") -> Any:
        source = window.open(path, node)
        qtbot.waitUntil(lambda: window.files.model.top_of(source).names is not None)
        if node:
            qtbot.waitUntil(lambda: window.chosen == (source, node))
        qtbot.waitUntil(lambda: source.jobs.is_idle)
        return source

    return open_in
