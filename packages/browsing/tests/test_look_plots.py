"""Pictures of any node, not of scans alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.browsing import NothingToShowError, plot_node


def test_a_detector_of_a_scan_is_drawn_alone(make_scan: Any, tmp_path: Path) -> None:
    path = make_scan((3,), {"Lamp": lambda index: np.arange(5.0), "Diode": lambda index: 1.0})
    picture = plot_node(path, "/RawData/Scan000/Detector000/Data1D", tmp_path / "lamp.png")
    assert picture.stat().st_size > 5000


@pytest.mark.parametrize(
    "values",
    [
        np.arange(9.0),
        np.ones((4, 3), "u2"),
        np.full(5, np.nan),
        np.array([1 + 2j, 3]),
        np.array([True, False]),
    ],
    ids=["curve", "image", "nan", "complex", "bool"],
)
def test_arrays_of_other_programs_are_drawn(tmp_path: Path, values: Any) -> None:
    path = tmp_path / "foreign.h5"
    with h5py.File(path, "w") as file:
        file["entry/values"] = values
    before = path.read_bytes()
    assert plot_node(path, "/entry") == tmp_path / "foreign.png"
    assert path.read_bytes() == before


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.h5"
    with h5py.File(path, "w") as file:
        file["one"] = 1.5
        file["empty"] = np.zeros((0, 3))
        file["text"] = "letters"
        file["cube"] = np.zeros((2, 2, 2))
    for name in ("one", "empty", "text", "cube"):
        with pytest.raises(NothingToShowError):
            plot_node(path, f"/{name}")
    assert not path.with_suffix(".png").exists()
