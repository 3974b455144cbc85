"""Files for an older HDF5: written by all libraries here, read by another h5py (nox session `older`).

usage: python older_hdf5.py write|read FOLDER

Reading imports nothing of h5modules: it runs beside an h5py that h5modules does not take any more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import hdf5plugin  # noqa: F401 - makes its filters known to h5py
import numpy as np

DTYPES = ("?", "i4", "u2", ">i4", "f4", "f8", ">f8", "c8", "c16", "S8")
LIBRARIES = ("h5py", "tables")


def values_of(dtype: np.dtype) -> np.ndarray:
    """Return what each array holds."""
    return np.resize(np.arange(4).astype(dtype), (50, 20))


def write(folder: Path) -> None:
    """Write a file with each library: every compression with every dtype, and what grows."""
    from h5modules.backends import ArraySpec, Compression, H5Backend

    for library in LIBRARIES:
        with H5Backend.open(folder / f"{library}.h5", "w", library) as file:
            packings = [None, *map(Compression, sorted(file.driver.abilities.compressions))]
            for number, packing in enumerate(packings):
                group = file.add_group(f"Packed{number}", "data", "/")
                for index, dtype in enumerate(map(np.dtype, DTYPES)):
                    spec = ArraySpec((50, 20), dtype, chunks=(10, 20), compression=packing)
                    file.create_array(group, f"Array{index}", spec, values=values_of(dtype))
                placed = ArraySpec((50, 20), np.dtype(float), placed=True)
                file.create_array(group, "Placed", placed, values=values_of(np.dtype(float)))
            file.create_earray("/", "Growing", "c16", (3,)).append(np.ones((4, 3), "c16"))
            file.create_vlarray("/", "Rows", "f4").append(np.arange(3, dtype="f4"))
            file.create_vlarray("/", "Logger", "string").append("é")
            file.root().attrs.write({"settings": "<a>" * 9000, "position": (1, 2.5, None), "z": 1 - 2j})


def read(folder: Path) -> None:
    """Read all of it, and say how much that was."""
    for library in LIBRARIES:
        with h5py.File(folder / f"{library}.h5") as file:
            assert dict(file.attrs)["settings"] == "<a>" * 9000
            groups = [node for name, node in file.items() if name.startswith("Packed")]
            for group in groups:
                for index, dtype in enumerate(map(np.dtype, DTYPES)):
                    # PyTables keeps booleans as fields of bits, which come as numbers: 0 and 1.
                    assert np.array_equal(group[f"Array{index}"][...], values_of(dtype)), group.name
                assert np.array_equal(group["Placed"], values_of(np.dtype(float)))
            assert file["Growing"][3, 2] == 1
            assert np.array_equal(file["Rows"][0], [0, 1, 2])
            assert file["Logger"].shape == (1,)
        sys.stdout.write(f"{len(groups)} groups of {library} read by HDF5 {h5py.version.hdf5_version}\n")


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](Path(sys.argv[2]))
