"""How fast files are read into the catalogue, and found in it.

Small files, each with one scan of one actuator and two detectors with ten settings each, are made by the
savers, a few of them; the others are copies, in folders of 100. Then all are read into a new index, by one
process and by one for each core, once more when nothing has changed, and searched. Run it by
``python benchmarks/catalogue.py``; it prints a table, and with ``--json FILE`` writes the figures too.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pymodaq_data.data import Axis, DataRaw, DataToExport
from rich.console import Console
from rich.table import Table

from h5modules.browsing.catalogue import Catalogue, Condition, Query
from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

_KINDS = 20
_IN_FOLDER = 100
_POINTS = 5


def make_file(path: Path, number: int) -> None:
    """Make a file with one scan, told apart by its gain."""
    settings = "".join(f'<value{each} type="float">{each + 0.5}</value{each}>' for each in range(9))
    with H5SaverLowLevel.from_file(path) as saver:
        scan = saver.add_scan_group(title=f"sample {number}")
        for title in ("Delay", "Power", "Spectrum"):
            add = saver.add_act_group if title == "Delay" else saver.add_det_group
            gain = f'<gain type="int">{number}</gain>'
            group = add(scan, title=title, settings_as_xml=f'<All type="group">{gain}{settings}</All>')
            writer = DataToExportExtendedSaver(saver, (_POINTS,))
            writer.add_nav_axes(group, [Axis("Delay", "ps", np.arange(float(_POINTS)), index=0)])
            for index in range(_POINTS):
                values = np.arange(64.0) if title == "Spectrum" else np.array([1.5])
                data = DataRaw(title, origin=title, units="V", data=[values])
                writer.add_data(group, DataToExport("point", data=[data]), (index,))
        saver.add_log(f"sample {number} was aligned")


def make_files(folder: Path, count: int) -> None:
    """Make files in folders of 100."""
    originals = [folder / f"original{number}.h5" for number in range(_KINDS)]
    for number, path in enumerate(originals):
        make_file(path, number)
    for number in range(count - _KINDS):
        below = folder / f"{number // _IN_FOLDER:03d}"
        below.mkdir(exist_ok=True)
        shutil.copyfile(originals[number % _KINDS], below / f"Dataset_{number:05d}.h5")


def seconds(action: Callable[[], object], rounds: int = 1) -> float:
    """Return how long something takes: the median of several rounds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure(count: int, folder: Path) -> dict[str, float]:
    """Return the figures, in seconds and in files a second."""
    files = folder / "files"
    files.mkdir()
    make_files(files, count)
    query = Query(conditions=(Condition("gain", "=", "7"),))
    processes = os.cpu_count() or 1
    with Catalogue(folder / "other.sqlite") as catalogue:
        together = seconds(lambda: catalogue.update(files, processes=processes))
    with Catalogue(folder / "index.sqlite") as catalogue:
        first = seconds(lambda: catalogue.update(files))
        return {
            "files": count,
            "bytes of a file": (files / "original0.h5").stat().st_size,
            "files a second, first": count / first,
            f"files a second, first, {processes} processes": count / together,
            "seconds, nothing changed": seconds(lambda: catalogue.update(files), 3),
            "seconds, search by a setting": seconds(lambda: catalogue.search(query, files), 5),
            "seconds, search in the logs": seconds(lambda: catalogue.search(Query(log="sample 7"), files), 5),
            "found": len(catalogue.search(query, files)),
            "bytes of the index": (folder / "index.sqlite").stat().st_size,
        }


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000, help="how many files")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(arguments.files, Path(folder))
    table = Table("", "")
    for name, value in figures.items():
        table.add_row(name, f"{value:.3g}" if isinstance(value, float) else str(value))
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
