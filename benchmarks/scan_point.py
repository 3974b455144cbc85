"""What saving one point of a scan costs: ours, by hand, and PyMoDAQ, in one run.

A point is a scalar, a spectrum of 1024 and an image of 128 x 128, all float64. All sides write the same
number of points, taking turns, each as durable against the death of the process as it can be. Ratios are
taken within a round, so that a busy machine slows all sides alike.

Run it by ``python run.py bench``; it prints a table, and with ``--json FILE`` writes the figures too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from pymodaq_data.data import Axis, DataRaw, DataToExport
from pymodaq_data.h5modules.data_saving import DataToExportExtendedSaver as PeerExtendedSaver
from pymodaq_data.h5modules.saving import H5SaverLowLevel as PeerSaver
from rich.console import Console
from rich.table import Table

from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.module_saving import ScanSaver
from h5modules.saving import H5SaverLowLevel

Write = Callable[[tuple[int, int]], None]

ROWS, COLUMNS = 20, 20
ARRAYS = (np.array([1.5]), np.random.default_rng(0).random(1024), np.random.default_rng(1).random((128, 128)))
NAMES = ("power", "spectrum", "image")


def point() -> DataToExport:
    """Return one point, as a detector gives it."""
    axes: tuple[list[Axis], ...] = (
        [],
        [Axis("wavelength", "nm", np.linspace(500, 600, 1024), index=0)],
        [Axis(name, "um", np.arange(128.0), index=index) for index, name in enumerate("yx")],
    )
    signals = [
        DataRaw(name, origin="Detector", units="V", data=[values], axes=own)
        for name, values, own in zip(NAMES, ARRAYS, axes, strict=True)
    ]
    return DataToExport("point", data=signals)


@contextmanager
def raw_pwrite(folder: Path) -> Iterator[Write]:
    """Write the bytes to their places in three files, by the operating system."""
    files = [os.open(folder / f"{name}.raw", os.O_RDWR | os.O_CREAT) for name in NAMES]

    def write(index: tuple[int, int]) -> None:
        number = index[0] * COLUMNS + index[1]
        for file, values in zip(files, ARRAYS, strict=True):
            os.pwrite(file, values, number * values.nbytes)

    yield write
    for file in files:
        os.close(file)


@contextmanager
def by_hand(folder: Path) -> Iterator[Write]:
    """Write a loop as one writes it with h5py: assign, then flush."""
    with h5py.File(folder / "hand.h5", "w") as file:
        shapes = [() if values.shape == (1,) else values.shape for values in ARRAYS]
        datasets = [
            file.create_dataset(name, (ROWS, COLUMNS, *shape), "f8")
            for name, shape in zip(NAMES, shapes, strict=True)
        ]

        def write(index: tuple[int, int]) -> None:
            for dataset, values, shape in zip(datasets, ARRAYS, shapes, strict=True):
                dataset[index] = values if shape else values[0]
            file.flush()

        yield write


@contextmanager
def ours(folder: Path) -> Iterator[Write]:
    """Save through `DataToExportExtendedSaver`."""
    with H5SaverLowLevel.from_file(folder / "ours.h5") as h5saver:
        saver = DataToExportExtendedSaver(h5saver, (ROWS, COLUMNS))
        group = h5saver.add_det_group(h5saver.raw_group, "Detector")
        data = point()
        yield lambda index: saver.add_data(group, data, index)


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


@contextmanager
def ours_scan(folder: Path) -> Iterator[Write]:
    """Save through `ScanSaver`: with the time of each point, and the record."""
    with H5SaverLowLevel.from_file(folder / "ours_scan.h5") as h5saver:
        saver = ScanSaver(Scan("Scan"), h5saver)
        saver.set_scan_shape((ROWS, COLUMNS))
        saver.get_set_node(new=True)
        data = point()
        yield lambda index: saver.add_data(data, index)


def peer(backend: str) -> Callable[[Path], Any]:
    """Return PyMoDAQ's saver over one of its backends."""

    @contextmanager
    def save(folder: Path) -> Iterator[Write]:
        h5saver = PeerSaver("scan", backend)
        h5saver.init_file(folder / f"peer_{backend}.h5", new_file=True)
        saver = PeerExtendedSaver(h5saver, (ROWS, COLUMNS))
        group = h5saver.add_det_group(h5saver.raw_group, "Detector")
        data = point()

        def write(index: tuple[int, int]) -> None:
            saver.add_data(group, data, index)
            h5saver.flush()

        yield write
        h5saver.close_file()

    return save


SIDES: dict[str, Callable[[Path], Any]] = {
    "by hand (h5py, flush)": by_hand,
    "raw pwrite": raw_pwrite,
    "h5modules, DataToExportExtendedSaver": ours,
    "h5modules, ScanSaver": ours_scan,
    "PyMoDAQ, h5py": peer("h5py"),
    "PyMoDAQ, PyTables": peer("tables"),
}
REFERENCE = "by hand (h5py, flush)"


def one_round(folder: Path) -> dict[str, float]:
    """Return the median time of a point on each side, in seconds; the first point of each is not counted."""
    points = [divmod(number, COLUMNS) for number in range(ROWS * COLUMNS)]
    times: dict[str, float] = {}
    for name, side in SIDES.items():
        with side(folder) as write:
            write(points[0])
            taken = []
            for index in points[1:]:
                start = time.perf_counter()
                write(index)
                taken.append(time.perf_counter() - start)
        times[name] = statistics.median(taken)
    return times


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Return time and ratio of each side, medians over the rounds."""
    collected = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            collected.append(one_round(Path(folder)))
    return {
        name: {
            "microseconds": statistics.median(times[name] for times in collected) * 1e6,
            "ratio": statistics.median(times[name] / times[REFERENCE] for times in collected),
        }
        for name in SIDES
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = measure(arguments.rounds)
    table = Table("one point: scalar, 1024, 128 x 128", "us", "ratio to by hand")
    for name, figure in figures.items():
        table.add_row(name, f"{figure['microseconds']:.0f}", f"{figure['ratio']:.2f}")
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2), "utf-8")


if __name__ == "__main__":
    main()
