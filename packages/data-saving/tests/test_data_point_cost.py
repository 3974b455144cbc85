"""What a point of a running scan, and a row of a log, take of memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.data_saving import DataToExportExtendedSaver, DataToExportTimedSaver
from h5modules.saving import H5SaverLowLevel

FRAME = DataRaw("frame", origin="Camera", data=[np.ones((1024, 1024), np.uint16)])
POWER = DataRaw("power", origin="Diode", data=[np.array([1.5])])
POINT = DataToExport("point", data=[POWER, FRAME])
POINTS = 200


def memory(save: Callable[[int], None], points: int) -> tuple[int, int]:
    """Return the bytes that are kept after so many points, and the most that were taken."""
    save(0)
    save(1)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(2, points):
            save(number)
        gc.collect()
        return tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


def scan(file: H5SaverLowLevel) -> Callable[[int], None]:
    """Return what saves a point of a scan."""
    saver = DataToExportExtendedSaver(file, (POINTS,))
    return lambda number: saver.add_data("/RawData", POINT, (number,))


def log(file: H5SaverLowLevel) -> Callable[[int], None]:
    """Return what saves a row of a log."""
    saver = DataToExportTimedSaver(file)
    return lambda number: saver.add_data("/RawData", POINT)


@pytest.mark.parametrize("kind", [scan, log])
def test_nothing_is_copied_and_nothing_kept(
    tmp_path: Path, kind: Callable[..., Callable[[int], None]]
) -> None:
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5", check_space=False) as file:
        kept, most = memory(kind(file), POINTS if kind is scan else 20)
    assert most < 40_000  # a frame has 2 MB
    assert kept < 10_000
