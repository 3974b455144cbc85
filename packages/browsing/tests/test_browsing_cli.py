from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from h5modules.browsing.cli import plot, tree

app = typer.Typer()
app.command()(tree.tree)
app.command()(plot.plot)


@pytest.fixture
def scan(make_scan: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    path: Path = make_scan(
        (3,),
        {"Spectrum of a lamp": lambda index: np.zeros(50)},
        {"Spectrum of a lamp": {"units": "counts", "axes": [("wavelength", "nm", np.arange(50.0))]}},
        title="[red]first[/red] try",
    )
    monkeypatch.chdir(path.parent)
    return Path(path.name)


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


def lines_of(*arguments: str) -> list[str]:
    done = call("tree", *arguments)
    assert done.exit_code == 0, done.output
    return list(done.stdout.splitlines())


@pytest.mark.usefixtures("scan")
def test_the_tree_is_printed() -> None:
    heading, *lines = lines_of("scan.h5")
    assert heading.startswith("scan.h5  ")
    assert heading.endswith("kB")
    assert lines == [
        "├── NeXus                       What was saved, for programs that plot NeXus files",
        "└── RawData                     Data from PyMoDAQ modules",
        "    ├── Logger                  0 lines of text",
        "    └── Scan000                 [red]first[/red] try",
        "        └── Detector000         3 of 3 points  Detector",
        "            ├── Acquired        3 uint32  12 B  Order in which the points were acquired",
        "            ├── Data1D",
        "            │   └── CH00        Spectrum of a lamp",
        "            │       ├── Axis00  50 float64  nm  400 B  wavelength",
        "            │       └── Data00  3 x 50 float64  counts  1.2 kB",
        "            └── NavAxes",
        "                └── Axis00      3 float64  um  24 B  Stage x",
    ]


@pytest.mark.usefixtures("scan")
def test_a_part_of_the_tree_is_printed() -> None:
    assert lines_of("scan.h5", "/RawData/Scan000", "--depth", "0")[1:] == ["Scan000  [red]first[/red] try"]
    assert lines_of("scan.h5", "/RawData/Scan000/Detector000/Acquired")[1].startswith("Acquired  3 uint32")


@pytest.mark.usefixtures("scan")
@pytest.mark.parametrize("width", [120, 80, 40, 20])
def test_lines_are_cut_at_the_width_of_a_terminal(
    monkeypatch: pytest.MonkeyPatch, width: int, capsys: Any
) -> None:
    monkeypatch.setattr(
        tree,
        "console",
        lambda: Console(highlight=False, force_terminal=True, width=width, color_system=None),
    )
    tree.print_tree(Path("scan.h5"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 13
    assert max(map(len, lines)) <= width
    assert any(line.endswith("…") for line in lines) is (width < 100)


@pytest.mark.usefixtures("scan")
def test_a_picture_is_drawn_and_named() -> None:
    done = call("plot", "scan.h5", "--scan", "Scan000", "-o", "lamp.png")
    assert (done.exit_code, done.stdout) == (0, "Picture: lamp.png\n")
    assert Path("lamp.png").stat().st_size > 5000


PRINT_TREE = "from h5modules.browsing.cli.tree import print_tree; print_tree(Path('scan.h5'))"

RUN = """
import sys
from pathlib import Path
{statement}
print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        pytest.param(
            "import h5modules.browsing", {"h5py", "matplotlib", "pymodaq_data", "typer", "rich"}, id="package"
        ),
        pytest.param("import h5modules.browsing.cli.tree", {"h5py", "matplotlib", "pymodaq_data"}, id="cli"),
        pytest.param(
            PRINT_TREE,
            {"matplotlib", "pymodaq_data"},
            id="tree",
        ),
        pytest.param(
            "from h5modules.browsing import plot_scan; plot_scan('scan.h5')",
            {"pymodaq_data", "matplotlib.pyplot"},
            id="plot",
        ),
    ],
)
@pytest.mark.usefixtures("scan")
def test_nothing_is_imported_that_is_not_needed(statement: str, absent: set[str]) -> None:
    command = [sys.executable, "-c", RUN.format(statement=statement)]
    loaded = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=True
    ).stderr.split()
    assert absent & set(loaded) == set()


@pytest.mark.usefixtures("scan")
def test_a_pipe_gets_no_colours_and_whole_lines() -> None:
    command = [
        sys.executable,
        "-c",
        RUN.format(
            statement="from h5modules.browsing.cli.tree import print_tree; print_tree(Path('scan.h5'))"
        ),
    ]
    environment = {"COLUMNS": "20", "PYTHONIOENCODING": "ascii"}
    import os

    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | environment)
    assert "\x1b" not in done.stdout
    assert "    +-- Logger                  0 lines of text" in done.stdout.splitlines()
    assert "Order in which the points were acquired" in done.stdout
