"""What the tests of this package share: savers, data of every kind, drivers that count their calls."""

from __future__ import annotations

import lzma
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.backends import Driver, _registry, get_driver
from h5modules.backends.testing import hsds_server
from h5modules.saving import H5SaverLowLevel

__all__ = ["hsds_server"]

CORPUS = Path(__file__).parent / "corpus"


@pytest.fixture
def saver(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "data.h5") as opened:
        yield opened


@pytest.fixture
def corpus(tmp_path) -> Callable[[str], Path]:
    """Give a file that PyMoDAQ wrote: `v4_h5py`, `v4_tables` (4.4), `v5_h5py`, `v5_tables` (5.3)."""

    def unpack(name: str) -> Path:
        path = tmp_path / f"{name}.h5"
        path.write_bytes(lzma.decompress((CORPUS / f"{name}.h5.xz").read_bytes()))
        return path

    return unpack


@pytest.fixture
def calls(monkeypatch) -> Counter[str]:
    """Count what is asked of the h5py driver, and of its writers, in files opened from now on."""
    counted: Counter[str] = Counter()
    real = get_driver("h5py")

    def counting(name: str) -> Any:
        def call(self, *arguments, **options):
            counted[name] += 1
            return getattr(super(Counting, self), name)(*arguments, **options)

        return call

    class CountingWriter:
        def __init__(self, writer):
            self._writer = writer

        def write(self, index, values):
            counted["writer.write"] += 1
            self._writer.write(index, values)

    class CountingAppender:
        def __init__(self, appender):
            self._appender = appender

        @property
        def length(self):
            return self._appender.length

        def append(self, row):
            counted["appender.append"] += 1
            self._appender.append(row)

    methods = [name for name, value in vars(Driver).items() if callable(value) and not name.startswith("_")]
    body = {name: counting(name) for name in methods if name not in ("open", "delete_file")}

    def writer(self, path):
        counted["writer"] += 1
        return CountingWriter(super(Counting, self).writer(path))

    def appender(self, path):
        counted["appender"] += 1
        return CountingAppender(super(Counting, self).appender(path))

    handles = {"writer": writer, "appender": appender}
    Counting = type("Counting", (real,), {**body, **handles})  # noqa: N806 - a class
    monkeypatch.setitem(_registry._loaded, "h5py", Counting)
    return counted


@pytest.fixture
def make_point() -> Callable[..., DataToExport]:
    """Make a point of several signals, whose values all tell `number`."""

    def make(value: float = 0.0) -> DataToExport:
        number = float(value)
        wavelength = Axis("wavelength", "nm", np.linspace(500, 515, 16), index=0)
        rows, columns = (
            Axis("y", "um", np.arange(4.0), index=0),
            Axis("x", "um", np.array([0, 1, 4.0]), index=1),
        )
        return DataToExport(
            "point",
            data=[
                DataRaw(
                    "power",
                    origin="Diode",
                    units="mW",
                    labels=["left", "right"],
                    data=[np.array([number]), np.array([-number])],
                    exposure=0.5,
                ),
                DataRaw("counter", origin="Diode", data=[np.array([int(number) + 1], np.uint16)]),
                DataRaw(
                    "spectrum",
                    origin="Spectrometer",
                    units="counts",
                    data=[np.full(16, number) + np.arange(16)],
                    errors=[np.full(16, 0.1 + number)],
                    axes=[wavelength],
                ),
                DataRaw(
                    "frame",
                    origin="Camera",
                    data=[np.full((4, 3), int(number), np.uint8)],
                    axes=[rows, columns],
                ),
                DataRaw("phase", origin="Lock-in", data=[np.full((2, 2, 2), number * 1j)]),
            ],
        )

    return make


@pytest.fixture
def one_value_axis() -> Callable[..., Axis]:
    """Make an axis of one value, which PyMoDAQ does with a warning of numpy's."""

    def make(*arguments: Any, **options: Any) -> Axis:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return Axis(*arguments, **options)

    return make
