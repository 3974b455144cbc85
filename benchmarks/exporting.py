"""Whether memory stays flat when a scan is exported: the most memory of a process for each format.

usage: python exporting.py [--gigabytes 0.2] [--formats h5 nc zarr] [--cap 400] [--json FILE]

The scan is made of frames of 512 x 512 float32. Every hundredth is acquired: the others take no room on the
disk, and are exported all the same. Each format is written by a process of its own, whose memory is compared
with what it had after a small scan. With `--cap`, the exit code is 1 when one grew by more than so many MB.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from measuring import peak_megabytes
from pymodaq_data.data import DataRaw, DataToExport
from rich.console import Console
from rich.table import Table

from h5modules.browsing import ExporterFactory, export_node
from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

DATA = "/RawData/Data2D/CH00/Data00"
FRAME = np.arange(512 * 512, dtype=np.float32).reshape(512, 512)
OF_TEXT = ("txt", "csv", "csv-long", "ascii")
"""Formats of text, 10 to 40 times as large: they are measured when they are asked for."""


def make_scan(path: Path, frames: int) -> None:
    """Make a scan of which every hundredth frame is acquired."""
    point = DataToExport("point", data=[DataRaw("frames", origin="Camera", units="V", data=[FRAME])])
    with H5SaverLowLevel.from_file(path, check_space=False) as file:
        saver = DataToExportExtendedSaver(file, (frames,))
        for number in range(0, frames, 100):
            saver.add_data("/RawData", point, (number,))


def export_data(path: Path, kind: str, target: Path) -> None:
    """Export the frames of a scan."""
    with H5SaverLowLevel.from_file(path, mode="r") as file:
        export_node(file.get_node(DATA), target, format_name=kind)


def export(path: Path, kind: str, target: Path) -> None:
    """Export in this process, and print what it took."""
    # A small scan first: what libraries take when they are imported is no memory of the scan.
    export_data(path.with_name("small.h5"), kind, target.with_name(f"small-{target.name}"))
    before, start = peak_megabytes(), time.perf_counter()
    export_data(path, kind, target)
    figures = {
        "before, MB": before,
        "grew by, MB": peak_megabytes() - before,
        "s": time.perf_counter() - start,
    }
    sizes = [each.stat().st_size for each in (target.rglob("*") if target.is_dir() else [target])]
    sys.stdout.write(json.dumps({**figures, "written, MB": sum(sizes) / 1e6}))


def measure(folder: Path, gigabytes: float, kinds: list[str]) -> dict[str, dict[str, float]]:
    """Return the figures of each format."""
    path = folder / "scan.h5"
    make_scan(path.with_name("small.h5"), 2)
    make_scan(path, max(round(gigabytes * 1e9 / FRAME.nbytes), 2))
    figures = {}
    for kind in kinds:
        target = folder / f"{kind}.{kind.partition('-')[0]}"
        one = [sys.executable, __file__, "--one", str(path), kind, str(target)]
        done = subprocess.run(one, capture_output=True, text=True, check=False)
        figures[kind] = json.loads(done.stdout) if done.returncode == 0 else {"failed": 1.0}
        if done.returncode:
            sys.stderr.write(done.stderr)
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
    return figures


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gigabytes", type=float, default=0.2)
    parser.add_argument("--formats", nargs="+", default=None)
    parser.add_argument("--cap", type=float, help="MB by which memory may grow")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        path, kind, target = arguments.one
        export(Path(path), kind, Path(target))
        return 0
    kinds = arguments.formats or [kind for kind in ExporterFactory.formats() if kind not in OF_TEXT]
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), arguments.gigabytes, kinds)
    columns = ("before, MB", "grew by, MB", "written, MB", "s")
    table = Table("format", *columns)
    for kind, found in figures.items():
        table.add_row(kind, *(f"{found[each]:.3g}" if each in found else "failed" for each in columns))
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    grown = [found.get("grew by, MB", float("inf")) for found in figures.values()]
    return int(arguments.cap is not None and max(grown) > arguments.cap)


if __name__ == "__main__":
    sys.exit(main())
