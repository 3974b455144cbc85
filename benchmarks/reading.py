"""What loading costs: whole arrays, parts of a scan, files of many nodes, importing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from measuring import Case, Side, Work
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.backends import H5Backend
from h5modules.data_saving import DataLoader, DataSaverLoader, DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

PLAIN = "/RawData/Data000/Data00"
SCAN = "/RawData/Data2D/CH00/Data00"
NODES = 10_000


def read(
    make: Callable[[Path], Path], work: Callable[[Path], Any], step: Callable[[Any, int], object]
) -> Side:
    """Return a side that reads a file made before."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        path = make(folder)
        with work(path) as opened:
            yield lambda number: step(opened, number)

    return prepare


def large(folder: Path) -> Path:
    """Make a file of one array of 100 MB."""
    path = folder / "large.h5"
    with H5SaverLowLevel.from_file(path) as file:
        values = np.random.default_rng(0).random((100, 131_072))
        group = file.add_generic_group(group_type="data")
        DataSaverLoader(file).add_data(group, DataRaw("values", units="V", data=[values]))
    return path


def frames(folder: Path) -> Path:
    """Make a scan of 100 x 100 frames of 128 x 128 values of 16 bits (328 MB), all of them acquired."""
    path = folder / "frames.h5"
    values = np.random.default_rng(0).integers(0, 4096, (128, 128), np.uint16)
    point = DataToExport("point", data=[DataRaw("frame", units="counts", data=[values])])
    with H5SaverLowLevel.from_file(path) as file:
        saver = DataToExportExtendedSaver(file, (100, 100))
        for index in np.ndindex(100, 100):
            saver.add_data("/RawData", point, index)
    return path


def many(folder: Path) -> Path:
    """Make a file of 10,000 groups."""
    path = folder / "many.h5"
    with H5Backend.open(path, "w") as file:
        for number in range(NODES):
            file.driver.create_group(f"/group{number:05d}")
    return path


def _open_and_list(path: Path) -> object:
    with H5Backend.open(path) as file:
        return file.root().children_name()


def _open_and_list_raw(path: Path) -> object:
    with h5py.File(path) as file:
        return list(file)


def listing(open_and_list: Callable[[Path], object]) -> Side:
    """Return a side that opens a file of 10,000 nodes and lists its top."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        path = many(folder)
        yield lambda number: open_and_list(path)

    return prepare


def importing(code: str) -> Side:
    """Return a side that runs Python with some imports."""

    @contextmanager
    def prepare(folder: Path) -> Iterator[Work]:
        yield lambda number: subprocess.run([sys.executable, "-c", code], check=True)

    return prepare


def lazy(path: Path) -> Any:
    """Open a file, and give its data lazily."""
    loader = DataLoader(path)
    return _Closing(loader, loader.load_data(SCAN, lazy=True))


class _Closing:
    """Gives something read lazily, and closes its loader."""

    def __init__(self, loader: DataLoader, data: Any) -> None:
        self._loader = loader
        self._data = data

    def __enter__(self) -> Any:
        return self._data

    def __exit__(self, *_: object) -> None:
        self._loader.close()


CASES = {
    "load": Case(
        "loading 100 MB",
        {
            "by hand": read(large, h5py.File, lambda file, _: file[PLAIN][...]),
            "DataLoader": read(large, DataLoader, lambda loader, _: loader.load_data(PLAIN)),
        },
        steps=8,
        targets={"DataLoader": ("by hand", 1.1)},
    ),
    "one frame": Case(
        "one frame out of 100 x 100 frames of 128 x 128",
        {
            "by hand": read(frames, h5py.File, lambda file, n: file[SCAN][n % 100, 7 * n % 100]),
            "lazy data": read(frames, lazy, lambda data, n: data[n % 100, 7 * n % 100]),
        },
        targets={"lazy data": ("by hand", 1.2)},
        rounds_at_most=3,
    ),
    "one map": Case(
        "one pixel's map out of 100 x 100 frames of 128 x 128",
        {
            "by hand": read(frames, h5py.File, lambda file, n: file[SCAN][:, :, n % 128, 64]),
            "lazy data": read(frames, lazy, lambda data, n: data[:, :, n % 128, 64]),
        },
        steps=8,
        targets={"lazy data": ("by hand", 1.2)},
        rounds_at_most=3,
    ),
    "listing": Case(
        "opening a file of 10,000 nodes and listing its top (at most 20 ms more)",
        {"by hand": listing(_open_and_list_raw), "H5Backend": listing(_open_and_list)},
        steps=10,
    ),
    "import": Case(
        "starting Python, and importing (h5modules.backends: at most 100 ms of it)",
        {
            "Python alone": importing("pass"),
            "numpy": importing("import numpy"),
            "h5py": importing("import h5py"),
            "h5modules.backends": importing("import h5modules.backends"),
        },
        steps=6,
    ),
}
