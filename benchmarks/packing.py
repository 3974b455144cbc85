"""What packing costs, and what it saves: compressions and shapes of chunks.

usage: python packing.py [--megabytes 16] [--json FILE]

Three kinds of data: frames of a camera of 12 bits (spots and shot noise), spectra (peaks and 1 % of noise, as
float64), noise (which hardly anything packs). Each is saved point by point through the library, packed
afterwards by `pack`, and read again. Then one frame, and the map of one pixel, are read from a packed scan of
frames for several shapes of chunks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from h5modules.backends import ArraySpec, Compression, H5Backend
from h5modules.saving import pack
from h5modules.saving._chunks import balanced_chunks

Array = np.ndarray[Any, Any]

COMPRESSIONS = {
    "gzip 4": Compression("gzip", 4, shuffle=False),
    "shuffle, gzip 1": Compression("gzip", 1),
    "shuffle, gzip 4": Compression("gzip", 4),
    "shuffle, gzip 9": Compression("gzip", 9),
    "shuffle, lz4": Compression("lz4"),
    "bitshuffle, lz4": Compression("bitshuffle"),
    "shuffle, zstd 4": Compression("zstd", 4),
    "blosc2 (bitshuffle, zstd 4)": Compression("blosc2", 4),
}

SCAN, FRAME = (40, 40), (128, 128)
CHUNKS: dict[str, tuple[int, ...] | None] = {
    "a frame: 1 x 1 x 128 x 128": (1, 1, 128, 128),
    "a row of pixels: 40 x 40 x 1 x 8": (40, 40, 1, 8),
    "what h5py chooses": None,
    "what pack chooses": balanced_chunks((*SCAN, *FRAME), (0, 1), 2),
}


def frames(count: int) -> Array:
    """Return frames of a camera: a spot on a background, with shot noise."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:128, :128]
    spots = [20 + 3000 * np.exp(-((x - 40 - n % 40) ** 2 + (y - 64) ** 2) / 200) for n in range(count)]
    return np.minimum(rng.poisson(np.array(spots)), 4095).astype(np.uint16)


def spectra(count: int) -> Array:
    """Return spectra: peaks, and noise of 1 % of the largest."""
    rng = np.random.default_rng(1)
    x = np.linspace(0, 1, 1024)
    peaks = sum(
        height * np.exp(-(((x - at) / 0.02) ** 2)) for at, height in ((0.2, 1), (0.5, 0.4), (0.7, 0.7))
    )
    return np.asarray(peaks) + 0.01 * rng.standard_normal((count, 1024))


def noise(count: int) -> Array:
    """Return what hardly anything packs: random floats."""
    return np.random.default_rng(2).random((count, 1024))


def kinds(megabytes: float) -> dict[str, Array]:
    """Return the data of each kind, about so much of each."""
    size = int(megabytes * 1e6)
    return {
        "camera frames": frames(size // 32768),
        "spectra": spectra(size // 8192),
        "noise": noise(size // 8192),
    }


def timed(action: Callable[[], Any]) -> float:
    """Return how long something takes, in seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def save(path: Path, values: Array, compression: Compression | None) -> float:
    """Save an array point by point, and return how long it took."""
    spec = ArraySpec(
        values.shape,
        values.dtype,
        placed=compression is None,
        compression=compression,
        chunks=None if compression is None else (1, *values.shape[1:]),
    )
    with H5Backend.open(path, "w") as file:
        writer = file.create_array("/", "Data", spec).writer()

        def write_all() -> None:
            for number, point in enumerate(values):
                writer.write((number,), point)

        return timed(write_all)


def read(path: Path) -> float:
    """Read all of an array, and return how long it took."""
    with H5Backend.open(path) as file:
        return timed(lambda: file.get_node("/Data").read())


def cost(folder: Path, values: Array, compression: Compression) -> dict[str, float]:
    """Return size and speed of a compression: of the size before, and in MB a second of it."""
    megabytes = values.nbytes / 1e6
    written = save(folder / "while.h5", values, compression)
    save(folder / "after.h5", values, None)
    packing = timed(lambda: pack(folder / "after.h5", compression))
    return {
        "size": (folder / "after.h5").stat().st_size / values.nbytes,
        "write": megabytes / written,
        "pack": megabytes / packing,
        "read": megabytes / read(folder / "after.h5"),
    }


def first_read(path: Path, selection: tuple[Any, ...]) -> float:
    """Return how long a part takes to be read of a file just opened: HDF5 keeps unpacked chunks."""
    with H5Backend.open(path) as file:
        return timed(partial(file.get_node("/Data").__getitem__, selection))


def chunk_cost(folder: Path, chunks: tuple[int, ...] | None) -> dict[str, Any]:
    """Return the milliseconds that a frame and a pixel's map of a packed scan take to be read."""
    values = frames(SCAN[0] * SCAN[1]).reshape(*SCAN, *FRAME)
    path = folder / "chunks.h5"
    spec = ArraySpec(values.shape, values.dtype, compression=Compression(), chunks=chunks)
    with H5Backend.open(path, "w") as file:
        file.create_array("/", "Data", spec, values=values)
    with H5Backend.open(path) as file:
        told = " x ".join(map(str, file.get_node("/Data").info.chunks))
    return {
        "chunks": told,
        "frame": 1e3 * statistics.median(first_read(path, (n, n)) for n in range(5, 15)),
        "map": 1e3 * statistics.median(first_read(path, (..., n, n)) for n in range(50, 60)),
        "size": path.stat().st_size / values.nbytes,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--megabytes", type=float, default=16)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found: dict[str, Any] = {}
    for kind, values in kinds(arguments.megabytes).items():
        table = Table(kind, "size", "write (MB/s)", "pack (MB/s)", "read (MB/s)")
        for name, compression in COMPRESSIONS.items():
            with tempfile.TemporaryDirectory() as folder:
                figures = found[f"{kind}: {name}"] = cost(Path(folder), values, compression)
            speeds = [f"{figures[each]:.0f}" for each in ("write", "pack", "read")]
            table.add_row(name, f"{figures['size']:.2f}", *speeds)
        Console().print(table)
    table = Table("chunks of 40 x 40 frames", "", "a frame (ms)", "a map (ms)", "size")
    for name, chunks in CHUNKS.items():
        with tempfile.TemporaryDirectory() as folder:
            figures = found[name] = chunk_cost(Path(folder), chunks)
        row = [f"{figures['frame']:.1f}", f"{figures['map']:.1f}", f"{figures['size']:.2f}"]
        table.add_row(name, str(figures["chunks"]), *row)
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2), "utf-8")


if __name__ == "__main__":
    main()
