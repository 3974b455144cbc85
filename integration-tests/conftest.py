"""What the tests of whole programs share: a file with one of each kind of measurement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pymodaq_data.data import DataDistribution, DataRaw, DataToExport

from h5modules.data_saving import (
    DataSaverLoader,
    DataToExportEnlargeableSaver,
    DataToExportExtendedSaver,
    DataToExportTimedSaver,
    make_axis,
)
from h5modules.saving import H5SaverLowLevel


@pytest.fixture
def save_each_kind(tmp_path: Path) -> Callable[..., Path]:
    """Save scans, logs and a snapshot of each kind, each in a group named after it; return the file.

    What is given is called with the file while the log of spectra, the last but one, is running.
    """

    def save(
        name: str = "kinds.h5", while_spectra_are_logged: Callable[[Path], object] = lambda _: None
    ) -> Path:
        with H5SaverLowLevel.from_file(tmp_path / name) as saver:
            _save_scans(saver)
            _save_logs(saver, while_spectra_are_logged)
        return tmp_path / name

    return save


def power(number: float) -> DataRaw:
    return DataRaw("power", origin="Diode", units="mW", data=[np.array([number])])


def channels(number: float) -> DataRaw:
    values = [np.array([number]), np.array([number + 1])]
    errors = [np.full(1, 0.2), np.full(1, 0.3)]
    return DataRaw("both", origin="Diode", data=values, errors=errors, labels=["left", "right"])


def spectrum(number: float) -> DataRaw:
    wavelength = make_axis("wavelength", "nm", np.linspace(500, 510, 8))
    return DataRaw("spectrum", origin="Spectrometer", data=[np.arange(8.0) + number], axes=[wavelength])


def frame(number: float) -> DataRaw:
    axes = [make_axis(label, "mm", np.arange(4.0 + n), n) for n, label in enumerate(["up", "across"])]
    return DataRaw("frame", origin="Camera", data=[np.arange(20.0).reshape(4, 5) + number], axes=axes)


def wide(number: float) -> DataRaw:
    return DataRaw("wide", origin="Spectrometer", data=[np.arange(64.0) + number])


def _save_scans(saver: H5SaverLowLevel) -> None:
    x = make_axis("x", "um", np.arange(6.0) ** 2)
    across = make_axis("y", "um", np.arange(3.0), 1)
    listed = [
        make_axis(label, "um", np.random.default_rng(1).random(6), 0, n) for n, label in enumerate("xy")
    ]
    scans = {
        "Line": (power, (6,), [x], "uniform"),
        "Map": (power, (6, 3), [x, across], "uniform"),
        "Cloud": (power, (6,), listed, "spread"),
        "Spectra": (spectrum, (6,), [x], "uniform"),
        "Spectra of a map": (spectrum, (6, 3), [x, across], "uniform"),
        "Frames": (frame, (6,), [x], "uniform"),
        "Channels": (channels, (6,), [x], "uniform"),
    }
    for name, (signal, shape, axes, distribution) in scans.items():
        group = saver.get_set_group("/RawData", name)
        writer = DataToExportExtendedSaver(saver, shape)
        writer.add_nav_axes(group, axes)
        for index in np.ndindex(shape):
            point = DataToExport("point", data=[signal(float(sum(index)))])
            writer.add_data(group, point, index, DataDistribution[distribution])
    DataSaverLoader(saver).add_data(saver.get_set_group("/RawData", "Snapshot"), frame(0.0))


def _save_logs(saver: H5SaverLowLevel, while_spectra_are_logged: Callable[[Path], object]) -> None:
    adaptive = DataToExportEnlargeableSaver(saver, ["x", "y"], ["um", "um"])
    group = saver.get_set_group("/RawData", "Adaptive")
    for place in ([0.0, 0.0], [1.0, 0.5], [0.3, 0.8]):
        adaptive.add_data(group, DataToExport("point", data=[power(sum(place))]), place)
    for name, signal in (("Spectra log", wide), ("Log", power)):
        log = DataToExportTimedSaver(saver)
        for number in range(3):
            row = DataToExport("row", data=[signal(float(number))])
            log.add_data(saver.get_set_group("/RawData", name), row)
        if signal is wide:
            while_spectra_are_logged(Path(saver.filename))
