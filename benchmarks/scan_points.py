"""What saving costs: points of scans, rows of logs, points of adaptive scans."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from measuring import Case, Side, Work
from pymodaq_data.data import Axis, DataRaw, DataToExport
from pymodaq_data.h5modules.data_saving import DataEnlargeableSaver as PeerEnlargeableSaver
from pymodaq_data.h5modules.data_saving import DataToExportExtendedSaver as PeerExtendedSaver
from pymodaq_data.h5modules.data_saving import DataToExportTimedSaver as PeerTimedSaver
from pymodaq_data.h5modules.saving import H5SaverLowLevel as PeerSaver

from h5modules.backends import ArraySpec
from h5modules.data_saving import (
    DataToExportEnlargeableSaver,
    DataToExportExtendedSaver,
    DataToExportTimedSaver,
)
from h5modules.module_saving import ScanSaver
from h5modules.saving import H5SaverLowLevel

Array = np.ndarray[Any, Any]

COLUMNS = 20


class Point:
    """What is read at one point: arrays, and the same as PyMoDAQ's data.

    Parameters
    ----------
    arrays
        The values by name, one array for each detector.
    """

    def __init__(self, arrays: dict[str, Array]) -> None:
        self.arrays = arrays
        signals = []
        for name, values in arrays.items():
            lengths = [] if values.size == 1 else values.shape
            axes = [
                Axis(f"axis {index}", "nm", np.arange(float(length)), index=index)
                for index, length in enumerate(lengths)
            ]
            signals.append(DataRaw(name, origin="Detector", units="V", data=[values], axes=axes))
        self.data = DataToExport("point", data=signals)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes as one would choose them by hand: no dimension for a single value."""
        return {name: () if values.size == 1 else values.shape for name, values in self.arrays.items()}


SPECTRUM, IMAGE = np.random.default_rng(0).random(1024), np.random.default_rng(1).random((128, 128))
THREE = Point({"power": np.array([1.5]), "spectrum": SPECTRUM, "image": IMAGE})
SCALAR = Point({"power": np.array([1.5])})
FRAME = Point({"frame": np.random.default_rng(2).integers(0, 4096, (2048, 2048), np.uint16)})
CHANNELS = Point({name: np.array([1.5]) for name in ("power", "temperature", "pressure")})


def _seek_and_write(file: int, values: Any, place: int) -> None:
    os.lseek(file, place, os.SEEK_SET)
    os.write(file, values)


write_at = getattr(os, "pwrite", _seek_and_write)  # Windows has none


def raw_pwrite(point: Point) -> Side:
    """Return a side that writes bytes to their places in files, by the operating system."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        files = [os.open(folder / name, os.O_RDWR | os.O_CREAT) for name in point.arrays]
        arrays = list(zip(files, point.arrays.values(), strict=True))

        def write(number: int) -> None:
            for file, values in arrays:
                write_at(file, values, number * values.nbytes)

        yield write
        for file in files:
            os.close(file)

    return prepare


def by_hand(point: Point, rows: int) -> Side:
    """Return a side that saves a scan as one writes it with h5py: assign, then flush."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        with h5py.File(folder / "hand.h5", "w") as file:
            datasets = [
                (
                    file.create_dataset(name, (rows, COLUMNS, *shape), values.dtype),
                    values if shape else values[0],
                )
                for (name, shape), values in zip(point.shapes.items(), point.arrays.values(), strict=True)
            ]

            def write(number: int) -> None:
                for dataset, values in datasets:
                    dataset[divmod(number, COLUMNS)] = values
                file.flush()

            yield write

    return prepare


def by_hand_rows(point: Point) -> Side:
    """Return a side that appends to a log as one does it with h5py: resize, assign, flush."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        with h5py.File(folder / "hand.h5", "w") as file:
            datasets = [
                (file.create_dataset(name, (0, *shape), values.dtype, maxshape=(None, *shape)), values)
                for (name, shape), values in zip(point.shapes.items(), point.arrays.values(), strict=True)
            ]
            times = file.create_dataset("time", (0,), "f8", maxshape=(None,))

            def write(number: int) -> None:
                for dataset, values in [*datasets, (times, np.array([1.0]))]:
                    dataset.resize(number + 1, axis=0)
                    dataset[number] = values if values.size > 1 else values[0]
                file.flush()

            yield write

    return prepare


def writers(point: Point, rows: int) -> Side:
    """Return a side that writes arrays in hand by our writers."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        with H5SaverLowLevel.from_file(folder / "ours.h5") as file:
            made = []
            for (name, shape), values in zip(point.shapes.items(), point.arrays.values(), strict=True):
                spec = ArraySpec((rows, COLUMNS, *shape), values.dtype, placed=True)
                array = file.create_array("/RawData", name.capitalize(), spec)
                made.append((array.writer(), values.reshape(shape)))

            def write(number: int) -> None:
                index = divmod(number, COLUMNS)
                for writer, values in made:
                    writer.write(index, values)

            yield write

    return prepare


def ours(point: Point, rows: int) -> Side:
    """Return a side that saves through `DataToExportExtendedSaver`."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        with H5SaverLowLevel.from_file(folder / "ours.h5") as file:
            saver = DataToExportExtendedSaver(file, (rows, COLUMNS))
            group = file.add_det_group(file.raw_group, "Detector")
            yield lambda number: saver.add_data(group, point.data, divmod(number, COLUMNS))

    return prepare


class Device:
    """A module without settings."""

    def __init__(self, title: str) -> None:
        self.title = title

    def settings_xml(self) -> str:
        """Return no settings."""
        return ""


class Scan(Device):
    """A scan of one detector."""

    detectors = (Device("Detector"),)
    actuators = ()


def ours_scan(point: Point, rows: int) -> Side:
    """Return a side that saves through `ScanSaver`: with the time of each point, and the record."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        with H5SaverLowLevel.from_file(folder / "ours.h5") as file:
            saver = ScanSaver(Scan("Scan"), file)
            saver.set_scan_shape((rows, COLUMNS))
            saver.get_set_node(new=True)
            yield lambda number: saver.add_data(point.data, divmod(number, COLUMNS))

    return prepare


def ours_log(point: Point) -> Side:
    """Return a side that saves a log."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        with H5SaverLowLevel.from_file(folder / "ours.h5") as file:
            saver = DataToExportTimedSaver(file)
            yield lambda number: saver.add_data("/RawData", point.data)

    return prepare


def ours_adaptive(point: Point) -> Side:
    """Return a side that saves an adaptive scan."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        with H5SaverLowLevel.from_file(folder / "ours.h5") as file:
            saver = DataToExportEnlargeableSaver(file, ["x"], ["um"])
            yield lambda number: saver.add_data("/RawData", point.data, axis_values=[float(number)])

    return prepare


def peer(backend: str, make: Callable[[Any], Callable[[int], object]]) -> Side:
    """Return a side that saves through PyMoDAQ, and flushes after each point."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        file = PeerSaver("scan", backend)
        file.init_file(folder / "peer.h5", new_file=True)
        add = make(file)

        def write(number: int) -> None:
            add(number)
            file.flush()

        yield write
        file.close_file()

    return prepare


def peer_scan(point: Point, rows: int, backend: str) -> Side:
    """Return PyMoDAQ's side of a scan."""

    def make(file: Any) -> Callable[[int], object]:
        saver = PeerExtendedSaver(file, (rows, COLUMNS))
        group = file.add_det_group(file.raw_group, "Detector")
        return lambda number: saver.add_data(group, point.data, divmod(number, COLUMNS))

    return peer(backend, make)


def peer_log(point: Point, backend: str) -> Side:
    """Return PyMoDAQ's side of a log."""

    def make(file: Any) -> Callable[[int], object]:
        saver = PeerTimedSaver(file)
        group = file.add_det_group(file.raw_group, "Detector")
        return lambda number: saver.add_data(group, point.data)

    return peer(backend, make)


def peer_adaptive(point: Point, backend: str) -> Side:
    """Return PyMoDAQ's side of an adaptive scan: it saves one signal at a time."""

    def make(file: Any) -> Callable[[int], object]:
        saver = PeerEnlargeableSaver(file, ["x"], ["um"])
        groups = [file.add_det_group(file.raw_group, name) for name in point.arrays]

        def add(number: int) -> None:
            for group, data in zip(groups, point.data.data, strict=True):
                saver.add_data(group, data, axis_values=[float(number)])

        return add

    return peer(backend, make)


def scan_case(title: str, point: Point, rows: int = 20, *, with_peer: bool = True, **more: Any) -> Case:
    """Return the case of a scan point."""
    sides = {
        "by hand": by_hand(point, rows),
        "pwrite": raw_pwrite(point),
        "writers alone": writers(point, rows),
        "data saver": ours(point, rows),
        "ScanSaver": ours_scan(point, rows),
    }
    if with_peer:
        for name, backend in (("PyMoDAQ, h5py", "h5py"), ("PyMoDAQ, PyTables", "tables")):
            sides[name] = peer_scan(point, rows, backend)
    return Case(title, sides, rows * COLUMNS, **more)


CASES = {
    "point": scan_case(
        "a scan point: a scalar, 1024 values, 128 x 128 values",
        THREE,
        targets={
            "data saver": ("by hand", 0.5),
            "ScanSaver": ("by hand", 0.5),
            "writers alone": ("pwrite", 1.6),
        },
    ),
    "scalar": scan_case(
        "a scan point: one scalar",
        SCALAR,
        targets={"data saver": ("by hand", 1.0), "ScanSaver": ("by hand", 1.0)},
    ),
    "frame": scan_case(
        "a scan point: 2048 x 2048 values of 16 bits",
        FRAME,
        rows=3,
        with_peer=False,
        targets={"data saver": ("pwrite", 1.05)},
    ),
    "log": Case(
        "a row of a log: three scalars and the time",
        {
            "by hand": by_hand_rows(CHANNELS),
            "data saver": ours_log(CHANNELS),
            "PyMoDAQ, h5py": peer_log(CHANNELS, "h5py"),
            "PyMoDAQ, PyTables": peer_log(CHANNELS, "tables"),
        },
        steps=80,  # PyMoDAQ takes longer with each row
        targets={"data saver": ("by hand", 1.0)},
    ),
    "adaptive": Case(
        "a point of an adaptive scan: three scalars and one coordinate",
        {
            "by hand": by_hand_rows(CHANNELS),
            "data saver": ours_adaptive(CHANNELS),
            "PyMoDAQ, h5py": peer_adaptive(CHANNELS, "h5py"),
            "PyMoDAQ, PyTables": peer_adaptive(CHANNELS, "tables"),
        },
        steps=80,
        targets={"data saver": ("by hand", 1.0)},
    ),
}
