"""The window, the picture and the letters of a terminal show a scan the same way up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.browsing._panels import make_panels
from h5modules.browsing._picture import drawing_style
from h5modules.browsing._scan_view import iter_signals_below
from h5modules.browsing._sketch import sketch_signal
from h5modules.browsing.qt.views._images import ImageView
from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

RISING, FALLING, UNEVEN = np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]), np.array([4.0, 2.0, 1.0])

CORNERS = {(0, 0): 1.0, (0, -1): 2.0, (-1, 0): 3.0, (-1, -1): 4.0}
"""What is at each corner of a plane, by row and column in the file."""


def scanned(path: Path, rows: Any, columns: Any) -> str:
    """Scan a plane of which each corner is another one, and return the path of its array."""
    shape = len(rows), len(columns)
    values = np.zeros(shape)
    for place, value in CORNERS.items():
        values[place] = value
    with H5SaverLowLevel.from_file(path) as saver:
        scan = saver.add_scan_group()
        writer = DataToExportExtendedSaver(saver, shape)
        axes = [
            Axis(name, "um", data, index=index)
            for index, (name, data) in enumerate({"Slow": rows, "Fast": columns}.items())
        ]
        writer.add_nav_axes(scan, axes)
        for index in np.ndindex(*shape):
            power = DataRaw("power", data=[values[index].reshape(1)])
            writer.add_data(scan, DataToExport("point", data=[power]), index)
    return "/RawData/Scan000/Data0D/CH00/Data00"


def in_window(view: ImageView) -> tuple[list[float], tuple[str, str]]:
    """Return what the window shows at the lower left, lower right, upper left and upper right."""
    box, image = view.image.plot.vb, view.image.image
    (left, right), (low, high) = box.viewRange()
    if box.yInverted():
        low, high = high, low
    where = [(x, y) for y in (low, high) for x in (left, right)]
    turned = image.transform().inverted()[0]
    count = np.array(image.image.shape) - 1
    found = []
    for x, y in where:
        inside = x + 0.01 * (right + left - 2 * x), y + 0.01 * (high + low - 2 * y)
        column, row = turned.map(*inside)
        found.append(float(image.image[tuple(np.clip((int(row), int(column)), 0, count))]))
    names = tuple(view.image.plot.getAxis(side).labelText for side in ("bottom", "left"))
    return found, names


def in_picture(signal: Any) -> tuple[list[float], tuple[str, str]]:
    """Return the same of the picture."""
    with drawing_style() as new_figure:
        figure = new_figure()
        axes = figure.add_subplot()
        (panel,) = make_panels([signal])
        panel.draw(axes)
    (mesh,) = axes.images or axes.collections
    values = np.asarray(mesh.get_array())
    rows = values if not axes.yaxis_inverted() else values[::-1]
    return [float(rows[row, column]) for row in (0, -1) for column in (0, -1)], (
        axes.get_xlabel(),
        axes.get_ylabel(),
    )


def in_letters(signal: Any) -> tuple[list[float], str]:
    """Return the same of what is drawn with letters."""
    sketch = sketch_signal(signal, 80, ascii_only=True)
    shades = {letter: value for value, letter in enumerate(" .:+#")}
    lines = sketch.lines
    return [shades[lines[row][column]] for row in (-1, 0) for column in (0, -1)], sketch.remark


@pytest.mark.parametrize("rows", [RISING, FALLING, UNEVEN], ids=["rising", "falling", "uneven"])
@pytest.mark.parametrize("columns", [RISING, FALLING, UNEVEN], ids=["rising", "falling", "uneven"])
def test_the_first_axis_of_a_scan_lies_upwards_the_last_across(shown, tmp_path, rows, columns):
    node = scanned(tmp_path / "scan.h5", rows, columns)
    low_first = [(0, -1) if values[0] < values[-1] else (-1, 0) for values in (rows, columns)]
    expected = [CORNERS[row, column] for row in low_first[0] for column in low_first[1]]
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5", mode="r") as file:
        view = shown(file, node, ImageView)
        (signal,) = iter_signals_below(file.get_node(node))
        assert in_window(view) == (expected, ("Fast (µm)", "Slow (µm)"))
        assert in_picture(signal) == (expected, ("Fast (µm)", "Slow (µm)"))
        drawn, remark = in_letters(signal)
        assert drawn == expected
        assert remark == f"across Fast (µm) 1 to {columns.max():g}; upwards Slow (µm) 1 to {rows.max():g}"


def test_the_first_row_of_an_image_without_axes_is_its_top(shown, tmp_path):
    with h5py.File(tmp_path / "frame.h5", "w") as raw:
        raw["frame"] = np.array([[1.0, 0, 2], [0, 0, 0], [3, 0, 4]])
    with H5SaverLowLevel.from_file(tmp_path / "frame.h5", mode="r") as file:
        view = shown(file, "/frame", ImageView)
        (signal,) = iter_signals_below(file.get_node("/frame"))
        assert in_window(view)[0] == in_picture(signal)[0] == in_letters(signal)[0] == [3, 4, 1, 2]
