"""What readers cost the writer: the time of a scan point, alone and with processes that follow the scan.

usage: python readers.py [--readers 4] [--rounds 5] [--points 2000]

Rounds with and without readers take turns, each with a new file; a point is a spectrum of 1024 floats, then a
pause of 1 ms, in which a scan would move. The writer and its readers share the cores of the machine.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

FOLLOWER = """
import sys
from h5modules.data_saving import follow
for new in follow(sys.argv[1], '/RawData'):
    for index, point in new.points():
        pass
"""

PLAIN = """
import sys, time, h5py
while True:
    with h5py.File(sys.argv[1]) as file:
        file['RawData/Data1D/CH00/Data00'][-1]
    time.sleep(0.05)
"""


def micros_per_point(path: Path, points: int, readers: list[str]) -> float:
    """Return the median time of a point, in microseconds, while programs read the file."""
    values = DataToExport("point", data=[DataRaw("spectrum", data=[np.arange(1024.0)])])
    taken = []
    with H5SaverLowLevel.from_file(path) as file:
        saver = DataToExportExtendedSaver(file, (points,))
        saver.add_data("/RawData", values, (0,))
        programs = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for code in readers]
        time.sleep(2 if readers else 0)  # until they have imported everything
        for number in range(1, points):
            start = time.perf_counter()
            saver.add_data("/RawData", values, (number,))
            taken.append(time.perf_counter() - start)
            time.sleep(0.001)
        for program in programs:
            program.kill()
            program.wait()
    path.unlink()
    return statistics.median(taken) * 1e6


def main() -> None:
    """Print the medians of all rounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--points", type=int, default=2000)
    arguments = parser.parse_args()
    kinds = {
        "no reader": [],
        "one that follows": [FOLLOWER],
        f"{arguments.readers} that follow": [FOLLOWER] * arguments.readers,
        f"{arguments.readers} of plain h5py": [PLAIN] * arguments.readers,
    }
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds):
            for kind, readers in kinds.items():
                found[kind].append(micros_per_point(Path(folder) / "scan.h5", arguments.points, readers))
    alone = statistics.median(found["no reader"])
    for kind, micros in found.items():
        median = statistics.median(micros)
        sys.stdout.write(f"{kind:24} {median:8.1f} us a point  {median / alone:5.2f} x\n")


if __name__ == "__main__":
    main()
