from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from h5modules.backends import FileFormatError, FileMissingError
from h5modules.browsing import (
    LibraryMissingError,
    NothingToShowError,
    PictureError,
    draw_scan,
    find_scan,
    iter_signals,
    plot_scan,
)
from h5modules.saving import H5SaverLowLevel

SPECTRUM = {"units": "counts", "axes": [("wavelength", "nm", np.linspace(400, 700, 50))]}
FRAME = {"axes": [("row", "um", np.arange(4.0)), ("column", "um", np.arange(5.0))]}


def figure_of(path: Path, title: str = "") -> Any:
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        return draw_scan(list(iter_signals(saver, find_scan(saver))), title)


def png_size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:])
    return width, height


def titles(figure: Any) -> list[str]:
    return [axes.get_title(loc="left") for axes in figure.axes]


def labels(axes: Any) -> tuple[str, str]:
    return axes.get_xlabel(), axes.get_ylabel()


def bar(axes: Any) -> Any:
    return axes.child_axes[0]


def microscope(make_scan: Any, shape: tuple[int, ...], **options: Any) -> Path:
    signals = {
        "Diode": lambda index: float(sum(index)),
        "Spectrometer": lambda index: np.arange(50.0) * sum(index),
        "Camera": lambda index: np.full((4, 5), float(sum(index))),
    }
    path: Path = make_scan(
        shape, signals, {"Diode": {"units": "V"}, "Spectrometer": SPECTRUM, "Camera": FRAME}, **options
    )
    return path


def test_a_scan_over_two_axes_is_a_map_a_mean_and_a_frame(make_scan: Any) -> None:
    figure = figure_of(microscope(make_scan, (3, 4)), "scan.h5")
    image, mean, frame = figure.axes
    assert titles(figure) == ["Diode", "Spectrometer", "Camera"]
    assert labels(image) == ("Stage y (µm)", "Stage x (µm)")
    assert bar(image).get_ylabel() == "V"
    np.testing.assert_array_equal(image.images[0].get_array(), [[0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5]])
    assert labels(mean) == ("wavelength (nm)", "counts")
    (line,) = mean.lines
    np.testing.assert_allclose(line.get_ydata(), np.arange(50) * 2.5)
    assert [text.get_text() for text in mean.get_legend().get_texts()] == [
        "10 to 90 % of points",
        "mean of 12 points",
    ]
    assert labels(frame) == ("column (µm)", "row (µm)")
    assert frame.texts[0].get_text() == "Stage x = 1 µm\nStage y = 1 µm"  # where the map is brightest
    assert (frame.images[0].get_array() == 5).all()
    assert figure.get_suptitle() == "scan.h5"


def test_a_scan_along_one_axis_is_curves_and_all_spectra(make_scan: Any) -> None:
    curve, spectra, frame = figure_of(microscope(make_scan, (6,))).axes
    assert labels(curve) == ("Stage x (µm)", "V")
    np.testing.assert_array_equal(curve.lines[0].get_ydata(), np.arange(6))
    assert labels(spectra) == ("wavelength (nm)", "Stage x (µm)")
    assert spectra.images[0].get_array().shape == (6, 50)
    assert frame.texts[0].get_text() == "Stage x = 1 µm"


def test_a_scan_whose_other_axes_have_one_point_is_one_along_one_axis(make_scan: Any) -> None:
    path = make_scan((1, 5), {"Diode": lambda index: float(index[1])})
    (curve,) = figure_of(path).axes
    np.testing.assert_array_equal(curve.lines[0].get_ydata(), np.arange(5))
    assert curve.get_xlabel() == "Stage y (µm)"


@pytest.mark.parametrize("shape", [(1,), (1, 1)], ids=str)
def test_a_scan_of_one_point_is_shown(make_scan: Any, shape: tuple[int, ...]) -> None:
    point, spectrum, frame = figure_of(microscope(make_scan, shape)).axes
    assert point.lines[0].get_marker() == "o"
    assert len(spectrum.lines) == 1
    assert frame.images[0].get_array().shape == (4, 5)


def test_of_three_axes_the_plane_through_the_brightest_point_is_shown(make_scan: Any) -> None:
    path = make_scan((3, 4, 5), {"Diode": lambda index: -float((index[0] - 1) ** 2 + index[1] + index[2])})
    (plane,) = figure_of(path).axes
    assert labels(plane) == ("Stage z (µm)", "Stage y (µm)")
    assert plane.texts[0].get_text() == "Stage x = 0.5 µm"
    assert plane.images[0].get_array().max() == 0


def test_what_was_not_acquired_is_left_out_and_told(make_scan: Any) -> None:
    image, _, _ = (figure := figure_of(microscope(make_scan, (3, 4), points=5), "scan.h5")).axes
    assert np.ma.count(image.images[0].get_array()) == 5
    assert image.patch.get_hatch()
    assert figure.get_suptitle() == "scan.h5   5 of 12 points acquired"


def test_a_curve_that_has_come_half_the_way_shows_the_whole_axis(make_scan: Any) -> None:
    curve = figure_of(microscope(make_scan, (6,), points=3)).axes[0]
    low, high = curve.get_xlim()
    assert low < 0 < 1 < high


def test_channels_share_a_panel_and_have_error_bars(make_scan: Any) -> None:
    path = make_scan(
        (4,),
        {"Lock-in": lambda index: (1.0, 2.0), "Diode": lambda index: 3.0},
        {"Lock-in": {"labels": ["X", "Y"], "units": "mV", "error": 0.1}},
    )
    both, single = figure_of(path).axes
    assert [text.get_text() for text in both.get_legend().get_texts()] == ["X", "Y"]
    assert len(both.containers) == 2
    assert all(container.has_yerr for container in both.containers)
    assert single.get_legend() is None
    assert not single.containers[0].has_yerr


def test_channels_over_two_axes_have_a_map_each(make_scan: Any) -> None:
    path = make_scan((2, 2), {"Lock-in": lambda index: (1.0, 2.0)}, {"Lock-in": {"labels": ["X", "Y"]}})
    assert titles(figure_of(path)) == ["Lock-in: X", "Lock-in: Y"]


def test_many_signals_are_laid_out_in_rows_and_the_rest_is_told(make_scan: Any) -> None:
    signals = {f"Diode {number}": lambda index: 1.0 for number in range(14)}
    figure = figure_of(make_scan((2, 2), signals))
    assert len(figure.axes) == 12
    assert figure.get_suptitle().strip() == "2 more not drawn"


@pytest.mark.parametrize("value", [np.nan, np.inf, 1.0], ids=str)
def test_values_that_have_no_range_are_shown(make_scan: Any, tmp_path: Path, value: float) -> None:
    signals = {
        "Diode": lambda index: value,
        "Spectrum": lambda index: np.full(5, value),
        "Frame": lambda index: np.full((3, 3), value),
    }
    path = make_scan((2, 3), signals)
    told = [text.get_text() for axes in figure_of(path).axes for text in axes.texts]
    assert told.count("no finite values") == (0 if value == 1 else 3)
    assert png_size(plot_scan(path))[0] > 1000


def test_of_more_than_can_be_read_some_points_are_shown(
    make_scan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("h5modules.browsing._panels._MOST_VALUES", 200)
    monkeypatch.setattr("h5modules.browsing._panels._MOST_PLACES", 20)
    signals = {"Spectrum": lambda index: np.full(40, float(index[0]))}
    (line,) = figure_of(make_scan((10,), signals, points=9)).axes
    values = line.images[0].get_array()
    np.testing.assert_array_equal(values.mean(axis=1), [0, 2, 4, 6, 8])
    assert values.shape == (5, 20)
    (mean,) = figure_of(make_scan((5, 2), signals)).axes
    assert mean.get_legend().get_texts()[-1].get_text() == "mean of 5 of 10 points"


def test_an_uneven_axis_keeps_its_places(make_scan: Any) -> None:
    energies = 1240 / np.linspace(400, 700, 20)  # falling, and not in equal steps
    path = make_scan(
        (3,), {"Spectrum": lambda index: energies}, {"Spectrum": {"axes": [("E", "eV", energies)]}}
    )
    (spectra,) = figure_of(path).axes
    (mesh,) = spectra.collections
    np.testing.assert_allclose(np.asarray(mesh.get_array())[0], np.sort(energies))
    low, high = spectra.get_xlim()
    assert low < energies.min() < energies.max() < high


def test_an_image_without_axes_has_its_first_row_on_top(make_scan: Any) -> None:
    (frame,) = figure_of(make_scan((2,), {"Camera": lambda index: np.zeros((4, 5))})).axes
    assert labels(frame) == ("pixel", "pixel")
    bottom, top = frame.get_ylim()
    assert bottom > top


def test_formulas_and_long_titles_are_text(make_scan: Any) -> None:
    path = make_scan(
        (3,), {"a $ b $ c " + "very " * 30: lambda index: 1.0}, {}, title="$x^2$ " + "long " * 50
    )
    figure = figure_of(path, "$x^2$ " + "long " * 50)
    assert titles(figure)[0].startswith(r"a \$ b \$ c very")
    assert figure.get_suptitle().endswith("…")
    assert png_size(plot_scan(path))[0] < 800


def test_the_picture_is_saved_beside_the_file_or_where_it_is_said(make_scan: Any, tmp_path: Path) -> None:
    path = microscope(make_scan, (3, 4))
    assert plot_scan(path) == tmp_path / "scan.png"
    assert png_size(tmp_path / "scan.png") == (1584, 504)
    assert plot_scan(path, picture=tmp_path / "here") == tmp_path / "here.png"
    assert plot_scan(path, "Scan000", tmp_path / "x.svg").read_text("utf-8").startswith("<?xml")


def test_looking_at_a_scan_does_not_change_the_file(make_scan: Any) -> None:
    path = microscope(make_scan, (3, 4))
    before = path.read_bytes(), path.stat().st_mtime_ns
    plot_scan(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_the_settings_of_the_user_change_neither_picture_nor_are_they_changed(make_scan: Any) -> None:
    path = make_scan((3,), {"Diode": lambda index: 1.0})
    with mpl.rc_context({"figure.dpi": 33, "font.size": 40}):
        assert png_size(plot_scan(path)) == (528, 504)
        assert mpl.rcParams["figure.dpi"] == 33


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no/where.png", r"there is no folder .*no'; create it first"),
        ("folder", r"folder' is a folder; name a file"),
        ("scan.h5", r"scan\.h5' is not the name of a picture; let it end in one of .*\.png"),
    ],
)
def test_a_picture_that_cannot_be_saved_is_told(
    make_scan: Any, tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "folder").mkdir()
    path = make_scan((3,), {"Diode": lambda index: 1.0})
    before = path.read_bytes()
    with pytest.raises(PictureError, match=message):
        plot_scan(path, picture=tmp_path / name)
    assert path.read_bytes() == before


def test_a_picture_that_the_system_refuses_is_told(make_scan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    def refuse(*_arguments: Any) -> None:
        raise PermissionError(13, "Permission denied")

    path = make_scan((3,), {"Diode": lambda index: 1.0})
    monkeypatch.setattr(Figure, "savefig", refuse)
    with pytest.raises(PictureError, match=r"cannot be saved as .*scan\.png': Permission denied"):
        plot_scan(path)


def test_scans_without_anything_to_draw_are_told(make_scan: Any, tmp_path: Path) -> None:
    with pytest.raises(NothingToShowError, match="holds no data of detectors"):
        figure_of(make_scan((2,), {"Diode": lambda index: 1.0}, points=0, path=tmp_path / "a.h5"))
    with pytest.raises(NothingToShowError, match="up to two dimensions a point"):
        figure_of(make_scan((2,), {"Cube": lambda index: np.zeros((2, 2, 2))}, path=tmp_path / "b.h5"))


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("text" * 1000, "utf-8")
    with pytest.raises(FileMissingError, match="there is no file"):
        plot_scan(tmp_path / "none.h5")
    with pytest.raises(FileFormatError, match="is not an HDF5 file"):
        plot_scan(tmp_path / "text.h5")


def test_without_matplotlib_the_extra_is_named(make_scan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_scan((3,), {"Diode": lambda index: 1.0})
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(LibraryMissingError, match=r'pip install "h5modules-browsing\[plot\]"'):
        plot_scan(path)
