"""Damaged files: always our error or a right value, never a crash, a hang or a wrong value.

``H5MODULES_FUZZ=2000 pytest .../test_fuzz.py`` tries as many files of each kind; a few by default.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import ArraySpec, Compression, H5Backend, backends_available

LIBRARIES = [name for name in ("h5py", "tables") if name in backends_available]
COUNT = int(os.environ.get("H5MODULES_FUZZ", "40"))
SECONDS = 60 + COUNT / 5
"""How long one process may take for all its files."""


def write_ours(path: Path) -> None:
    """Write a file as h5modules does."""
    with H5Backend.open(path, "w") as file:
        for number in range(3):
            group = file.add_group(f"Scan{number:03}", "scan", "/", title=f"Scan {number}")
            group.attrs.write(
                {"settings": "<a>é</a>" * 20, "position": (1, 2.5, None), "numbers": np.arange(5)}
            )
            file.create_carray(group, "Data", np.arange(60.0).reshape(5, 12))
            file.create_carray(group, "Flags", np.array([True, False, True]))
            file.create_carray(group, "Names", np.array([b"abc", b"de"]))
            packed = ArraySpec(
                (40, 5), np.dtype("i4"), chunks=(10, 5), compression=Compression(), checksum=True
            )
            file.create_array(group, "Packed", packed, values=np.arange(200).reshape(40, 5))
            file.create_earray(group, "Growing", "c16").append(np.arange(10) * 1j)
            texts = file.create_vlarray(group, "Logger", "string")
            for text in ("first", "second", "é" * 50):
                texts.append(text)
        file.link_node("/Scan000/Data", "/", "Linked")


def write_checked(path: Path) -> None:
    """Write a file in which every byte that matters is under a checksum: then no damage goes unnoticed."""
    with h5py.File(path, "w", libver=("v110", "v110")) as raw:
        for number in range(6):
            group = raw.create_group(f"Scan{number:03}")
            group.attrs["number"] = number
            group.attrs["position"] = np.arange(4.0)
            group.attrs["name"] = np.bytes_(b"a name of fixed length")
            for name, chunks in (("Data", (5, 12)), ("Parts", (2, 5)), ("One", (1, 12))):
                values = number + np.arange(60.0).reshape(5, 12)
                group.create_dataset(name, data=values, chunks=chunks, fletcher32=True, compression="gzip")


@pytest.mark.parametrize("kind", ["truncated", "corrupted", "checked"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_damaged_files(tmp_path: Path, library: str, kind: str) -> None:
    seed_file = tmp_path / "seed.h5"
    (write_checked if kind == "checked" else write_ours)(seed_file)
    worker = Path(__file__).with_name("fuzz_worker.py")
    arguments = [library, kind, str(seed_file), str(tmp_path / "damaged.h5"), "0", str(COUNT)]
    try:
        done = subprocess.run(
            [sys.executable, str(worker), *arguments],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        last = bytes(error.stdout or b"").decode().strip().splitlines()[-1:]
        pytest.fail(f"hangs at {last} of {arguments}")
    # A crash ends the process without "done", and the last line says at which file.
    tail = done.stdout.strip().splitlines()[-2:]
    assert (done.returncode, tail[-1:]) == (0, ["done"]), f"{tail} {arguments}\n{done.stderr[-2000:]}"
