"""Pictures of any node, not of scans alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from h5modules.browsing import NothingToShowError, draw_scan, find_scan, iter_signals, plot_node
from h5modules.browsing._sketch import sketch_curve
from h5modules.browsing.cli import plot
from h5modules.saving import H5SaverLowLevel


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


def test_a_log_is_drawn_from_its_first_row_on(make_log: Any) -> None:
    with H5SaverLowLevel.from_file(make_log("datalogger", (3, 2)), mode="r") as saver:
        figure = draw_scan(list(iter_signals(saver, find_scan(saver))))
    begun = f"time since {datetime.fromtimestamp(1.75e9):%Y-%m-%d %H:%M:%S}"
    assert [axes.get_xlabel() for axes in figure.axes] == [f"{begun} (s)"] * 2
    drawn = [axes.lines[0].get_xdata().tolist() for axes in figure.axes]
    assert sorted(drawn) == [[0.0, 1.0], [0.0, 1.0, 2.0]]


@pytest.mark.parametrize("width", [20, 80])
def test_scans_are_drawn_with_letters(make_scan: Any, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    path = make_scan(
        (3, 4),
        {
            "Diode": lambda index: float(index[0]),
            "Lamp": lambda index: np.sin(np.arange(200.0) / 30),
            "Camera": lambda index: np.ones((3, 5)),
        },
    )
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(plot, "console", lambda: Console(width=width, force_terminal=True, color_system=None))
    app = typer.Typer()
    app.command()(plot.plot)
    done = CliRunner().invoke(app, [str(path), "--terminal"])
    assert done.exit_code == 0, done.output
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert max(map(len, lines)) <= width
    start = lines.index("Diode  0 to 2")
    assert lines[start + 1 : start + 4] == ["████████", "▒▒▒▒▒▒▒▒", ""]
    across = "across Stage y (µm) 0 to 1; upwards Stage x (µm) 0 to 1"
    assert lines[start + 4] == (across if width > len(across) else f"{across[: width - 1]}…")
    assert any(line.startswith("Lamp  -0.99") for line in lines)
    assert {"Camera  1 to 1", "point 7 of 12"} <= set(lines)
    assert any(line.startswith("points 1 to 200, m") for line in lines)
    assert not path.with_suffix(".png").exists()


def test_sketches_pass_missing_values_by() -> None:
    assert sketch_curve(np.array([1.0, np.nan, 2.0]), 3, 1, ascii_only=True) == ["  #"]
    assert sketch_curve(np.full(3, np.nan), 3, 1) == ["   "]


def test_sketches_tell_which_channel_and_points_that_lie_anywhere(tmp_path: Path) -> None:
    from pymodaq_data.data import Axis, DataDistribution, DataRaw, DataToExport

    from h5modules.data_saving import DataToExportExtendedSaver
    from h5modules.saving import H5SaverLowLevel

    path = tmp_path / "spread.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        detector = saver.add_det_group(saver.add_scan_group(), title="Detector")
        writer = DataToExportExtendedSaver(saver, (3,))
        axes = [Axis(label, "um", np.array([0.5, 0.1, 0.3]), spread_order=0, index=0) for label in "xy"]
        writer.add_nav_axes(detector, axes)
        for number in range(3):
            channels = [np.array([float(number)]), np.array([2.0])]
            power = DataRaw("power", origin="power", units="mW", labels=["a", "b"], data=channels)
            point = DataToExport("point", data=[power])
            writer.add_data(detector, point, (number,), DataDistribution.spread)
    app = typer.Typer()
    app.command()(plot.plot)
    lines = CliRunner().invoke(app, [str(path), "--terminal"]).stdout.splitlines()
    assert lines[0] == "power: a  0 to 2 mW"
    assert lines[13:15] == ["points 1 to 3", "power: b  2 to 2 mW"]
