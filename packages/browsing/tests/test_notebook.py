"""Objects in a notebook: executed by a real kernel, and what is shown is read."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.backends import H5Backend
from h5modules.browsing import LibraryMissingError
from h5modules.browsing.notebook import as_html, plot_live
from h5modules.data_saving import DataLoader, DataToExportExtendedSaver, DataToExportSaver, follow
from h5modules.saving import H5SaverLowLevel

HOSTILE = "<script>alert('x')</script>\x1b[31m\n\"&"


class Elements(HTMLParser):
    """Finds the elements of a piece of HTML, and those that are not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def assert_harmless(html: str) -> None:
    """Make sure that HTML is whole, and made of nothing that acts."""
    elements = Elements(html)
    assert elements.open == []
    assert set(elements.found) <= {"div", "span", "strong", "table", "tr", "td", "pre", "img"}
    assert "\x1b" not in html


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file with a map that was acquired half the way, a snapshot, and names that are hostile."""
    path = tmp_path / "scan.h5"
    x = Axis("Stage <X>", "um", np.linspace(0, 5, 6), index=0)
    y = Axis("Stage Y", "um", np.linspace(0, 4, 5), index=1)
    with H5SaverLowLevel.from_file(path) as saver:
        scan = saver.add_scan_group(title=HOSTILE)
        detector = saver.add_det_group(scan, title="Photodiode")
        writer = DataToExportExtendedSaver(saver, (6, 5))
        writer.add_nav_axes(detector, [x, y])
        for index in np.ndindex(3, 5):
            power = DataRaw(HOSTILE, origin="Diode", units="mW", data=[np.array([float(sum(index))])])
            writer.add_data(detector, DataToExport("point", data=[power]), index)
        frame = DataRaw("frame", origin="Camera", data=[np.arange(20.0).reshape(4, 5)])
        DataToExportSaver(saver).add_data(
            saver.add_det_group(saver.raw_group), DataToExport("s", data=[frame])
        )
    return path


def outputs(cells: list[str], folder: Path) -> list[list[Any]]:
    """Return what a kernel shows of each cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell.outputs for cell in notebook.cells]


def test_objects_show_themselves_in_a_kernel(path: Path, tmp_path: Path) -> None:
    cells = [
        "import h5modules.data_saving as saving; from h5modules.browsing.notebook import plot_live",
        "loader = saving.DataLoader('scan.h5')\nloader",
        "loader.get_node('/RawData/Scan000/Detector000')",
        "signal = loader.load_data('/RawData/Scan000/Detector000/Data0D/CH00/Data00', lazy=True)\nsignal",
        "data = signal.load()\ndata",
        "%load_ext h5modules.browsing.notebook\ndata",
        "plot_live(saving.follow('scan.h5', '/RawData/Scan000/Detector000'));",
    ]
    shown = outputs(cells, tmp_path)
    for number in (1, 2, 3, 5, 6):
        (output,) = shown[number]
        html = output.data["text/html"]
        assert_harmless(html)
        assert "data:image/png;base64," in html, cells[number]
    (before,) = shown[4]
    assert "text/html" not in before.data  # PyMoDAQ's data are shown where it is asked for
    assert "Scan000" in shown[1][0].data["text/html"]
    assert "15 of 30 points, incomplete" in shown[6][0].data["text/html"]


def test_hostile_names_are_text(path: Path) -> None:
    with DataLoader(path) as loader:
        scan = loader.get_node("/RawData/Scan000")
        array = loader.get_node("/RawData/Scan000/Detector000/Data0D/CH00/Data00")
        everything = loader.load_all("/")
        for shown in (loader, scan, array, everything, *everything.data, object()):
            assert_harmless(as_html(shown))
        assert "&lt;script&gt;" in as_html(array)


def test_pictures_are_small(path: Path) -> None:
    with DataLoader(path) as loader:
        html = as_html(loader)
    (picture,) = re.findall(r'base64,([^"]+)"', html)
    assert base64.b64decode(picture)[1:4] == b"PNG"
    assert len(picture) < 100_000


def test_what_cannot_be_read_says_so(path: Path) -> None:
    with DataLoader(path) as loader:
        node = loader.get_node("/RawData/Scan000")
    assert "cannot be shown" in as_html(node)
    assert "no file is open" in as_html(loader)


def test_files_of_others_are_shown(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "other.h5", "w") as file:
        file.create_carray("/", "values", np.arange(50.0) ** 2)
        file.get_set_group("/", "many")
        for number in range(40):
            file.create_carray("/many", f"n{number}", np.arange(3))
        html = as_html(file)
    assert_harmless(html)
    assert "and more" in html
    assert "data:image/png" in html


def test_large_arrays_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("h5modules.browsing.notebook._shown._MOST_BYTES", 1000)
    with H5Backend.open(tmp_path / "other.h5", "w") as file:
        html = as_html(file.create_carray("/", "values", np.arange(500.0)))
    assert "Too large" in html
    assert "image/png" not in html


def test_a_scan_is_plotted_while_it_is_followed(tmp_path: Path) -> None:
    path, shown, points = tmp_path / "live.h5", [], iter(range(1, 6))
    with H5SaverLowLevel.from_file(path) as saver:
        scan = saver.add_scan_group()
        writer = DataToExportExtendedSaver(saver, (10,))

        def acquire(number: int) -> None:
            power = DataRaw("power", origin="Diode", data=[np.array([float(number)])])
            writer.add_data(scan, DataToExport("point", data=[power]), (number,))

        def show(html: str) -> None:
            shown.append(html)
            number = next(points, None)
            saver.close_file() if number is None else acquire(number)

        acquire(0)
        last = plot_live(follow(path, "/RawData/Scan000"), seconds=0, show=show)
    assert last is not None
    assert (last.acquired, last.total) == (6, 10)
    assert [f"{number} of 10 points, running" in html for number, html in enumerate(shown, 1)] == [True] * 6
    assert "width:60.0%" in shown[-1]
    pictures = {re.search(r'base64,([^"]+)"', html)[1] for html in shown}
    assert len(pictures) == 6
    for html in shown:
        assert_harmless(html)


def test_a_scan_that_was_stopped_is_told_as_incomplete(tmp_path: Path) -> None:
    path, shown = tmp_path / "stopped.h5", []
    with H5SaverLowLevel.from_file(path) as saver:
        writer = DataToExportExtendedSaver(saver, (10,))
        power = DataRaw("power", origin="Diode", data=[np.array([0.5])])
        writer.add_data(saver.add_scan_group(), DataToExport("point", data=[power]), (0,))
    plot_live(follow(path, "/RawData/Scan000"), seconds=0, show=shown.append)
    assert "1 of 10 points, incomplete" in shown[-1]
    (new,) = follow(path, "/RawData/Scan000")
    assert "incomplete" in as_html(new)


def test_without_a_notebook_it_says_so(path: Path) -> None:
    with pytest.raises(LibraryMissingError, match="give show"):
        plot_live(follow(path, "/RawData/Scan000/Detector000"))
