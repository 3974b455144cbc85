"""Whether memory stays flat: over a scan of many points, and over one that is larger than the disk.

usage: python memory.py [--points 1000000] [--json FILE]

The first scan has points of one number. The second has frames of 2048 x 2048, 105 GB in all, of which every
hundredth is acquired: the others take no room on the disk.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from measuring import peak_megabytes
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

FRAMES = 12_500


def save(path: Path, values: np.ndarray, shape: int, numbers: range) -> dict[str, float]:
    """Save points, and return the growth of memory from the hundredth part of them on."""
    point = DataToExport("point", data=[DataRaw("signal", origin="Detector", data=[values])])
    with H5SaverLowLevel.from_file(path, check_space=False) as file:
        saver = DataToExportExtendedSaver(file, (shape,))
        early = max(len(numbers) // 100, 2)
        for number in numbers[:early]:
            saver.add_data("/RawData", point, (number,))
        before, start = peak_megabytes(), time.perf_counter()
        for number in numbers[early:]:
            saver.add_data("/RawData", point, (number,))
        taken = time.perf_counter() - start
        after = peak_megabytes()
    return {
        "points": len(numbers),
        "file, GB": path.stat().st_size / 1e9,
        "memory at first, MB": before,
        "memory at last, MB": after,
        "memory after closing, MB": peak_megabytes(),
        "microseconds a point": 1e6 * taken / (len(numbers) - early),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    frame = np.ones((2048, 2048), np.uint16)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        count = arguments.points
        found = {
            "numbers": save(path / "many.h5", np.array([1.5]), count, range(count)),
            "frames": save(path / "large.h5", frame, FRAMES, range(0, FRAMES, 100)),
        }
    for name, figures in found.items():
        told = ", ".join(f"{what} {value:,.1f}" for what, value in figures.items())
        sys.stdout.write(f"{name}: {told}\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2), "utf-8")


if __name__ == "__main__":
    main()
