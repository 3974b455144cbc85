"""Several nodes, of several scans or files, compared in the window."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw
from qtpy.QtCore import Qt

from h5modules.backends import FileState, H5Backend
from h5modules.browsing.qt.views import Subject
from h5modules.browsing.qt.views._compared import CannotCompareError
from h5modules.browsing.qt.views._comparing import DifferenceView, OverlayView
from h5modules.data_saving import DataLoader, DataSaverLoader, PointFollower
from h5modules.saving import H5SaverLowLevel


@pytest.fixture
def lines(tmp_path):
    """Two files of lines and images, of which some do not go together."""
    for name, shift in (("one.h5", 0.0), ("two.h5", 1.0)):
        with H5Backend.open(tmp_path / name, "w") as file:
            for number in range(2):
                group = file.get_set_group("/", f"Scan{number:03d}")
                values = np.arange(6.0) * (number + 1) + shift
                file.create_carray(group, "Line", values).attrs["units"] = "V"
                file.create_carray(group, "Image", np.outer(values, values))
            file.create_carray("/", "Power", np.arange(6.0)).attrs["units"] = "mW"
            file.create_carray("/", "Small", np.ones((3, 4)))
    return tmp_path / "one.h5", tmp_path / "two.h5"


def curves(view):
    return {curve.name(): curve.yData.tolist() for curve in view.plot.listDataItems()}


def test_lines_of_one_file_are_laid_over_each_other(window, opened, lines):
    source = opened(window, lines[0], "/Scan000/Line")
    window.compare([(source, "/Scan000/Line"), (source, "/Scan001/Line")])
    view = window.stage.view
    assert isinstance(view, OverlayView)
    assert curves(view) == {"Scan000": [0, 1, 2, 3, 4, 5], "Scan001": [0, 2, 4, 6, 8, 10]}
    assert view.plot.getPlotItem().getAxis("left").labelText.endswith("(V)")
    view._how.setCurrentIndex(1)
    assert curves(view)["Scan001"] == [0, 1, 2, 3, 4, 5]
    view._how.setCurrentIndex(2)
    assert curves(view)["Scan000"] == curves(view)["Scan001"]


def test_images_of_two_files_are_subtracted(window, opened, lines):
    one, two = (opened(window, path, "/Scan000/Image") for path in lines)
    window.compare([(one, "/Scan000/Image"), (two, "/Scan000/Image")])
    view = window.stage.view
    assert isinstance(view, DifferenceView)
    expected = np.outer(np.arange(6) + 1, np.arange(6) + 1) - np.outer(np.arange(6), np.arange(6))
    assert view.images[2].image.image.tolist() == expected.tolist()
    assert [plot.plot.titleLabel.text for plot in view.images] == ["one.h5", "two.h5", "two.h5 less one.h5"]
    assert view.images[0].image.levels.tolist() == view.images[1].image.levels.tolist() == [0, 36]
    view.images[1].plot.setRange(xRange=(1, 2), yRange=(1, 2), padding=0)
    view.images[1].plot.vb.sigRangeChangedManually.emit([True, True])
    middles = [image.plot.viewRect().center() for image in view.images]
    assert [(each.x(), each.y()) for each in middles] == [pytest.approx((1.5, 1.5), abs=0.05)] * 3


def test_what_groups_have_in_common_is_offered(window, opened, lines):
    one, two = (opened(window, path, "/Scan000") for path in lines)
    window.compare([(one, "/Scan000"), (one, "/Scan001"), (two, "/Scan000")])
    assert window.stage.titles[:2] == ["Difference", "Overlay"]
    window.stage.choose(1)
    assert list(curves(window.stage.view)) == ["one.h5/Scan000", "one.h5/Scan001", "two.h5/Scan000"]


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        (("/Scan000/Line", "/Power"), "cannot be compared: their values are in V and in mW"),
        (("/Scan000/Image", "/Small"), "images of 6 x 6 and of 3 x 4"),
    ],
)
def test_what_does_not_go_together_is_told_in_the_bar(window, opened, lines, nodes, reason):
    source = opened(window, lines[0], nodes[0])
    window.compare([(source, node) for node in nodes])
    assert reason in window.bar.text


@pytest.mark.parametrize("has_axes", [True, False])
def test_images_of_which_as_many_rows_are_shown_are_of_two_sizes(window, opened, tmp_path, has_axes):
    path = tmp_path / "tall.h5"
    nodes = []
    with H5SaverLowLevel.from_file(path) as file:
        for height in (3_999, 4_000):  # every second row of both is shown
            group = file.add_generic_group(group_type="data")
            axes = [Axis("Y", "mm", np.arange(float(height)), index=0)] if has_axes else []
            DataSaverLoader(file).add_data(group, DataRaw("tall", data=[np.ones((height, 3))], axes=axes))
            nodes.append(f"{group.path}/Data00")
    source = opened(window, path, nodes[0])
    window.compare([(source, node) for node in nodes])
    assert "images of 3999 x 3 and of 4000 x 3" in window.bar.text


def test_rows_are_compared_by_keys(qtbot, window, opened, lines):
    opened(window, lines[0], "/Power")
    tree = window.files.tree
    qtbot.keyClick(tree, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: len(tree.selected) == 2)
    assert len(window.stage.subject.others) == 1
    qtbot.keyClick(tree, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: window.stage.subject.others == ())
    assert window.chosen[1] == "/Power"


def test_nodes_that_were_found_are_compared(qtbot, window, opened, lines):
    opened(window, lines[0])
    window.files.field.setText("Line")
    window.files.search()
    qtbot.waitUntil(lambda: window.files.found.rowCount() == 2)
    window.files.results.selectAll()
    assert isinstance(window.stage.view, OverlayView)


def test_a_file_that_is_closed_is_compared_no_longer(window, opened, lines):
    one, two = (opened(window, path, "/Scan000/Line") for path in lines)
    window.compare([(one, "/Scan000/Line"), (two, "/Scan000/Line"), (one, "/Scan001/Line")])
    window.close_file(two)
    assert list(curves(window.stage.view)) == ["Scan000", "Scan001"]
    window.refresh()
    assert len(window.stage.subject.others) == 1


def test_values_between_places_are_interpolated_and_it_is_told(tmp_path, qtbot):
    with H5SaverLowLevel.from_file(tmp_path / "delays.h5") as file:
        paths = []
        for places in (np.arange(5.0), np.arange(4.0) + 0.5):
            group = file.add_generic_group(group_type="data")
            signal = DataRaw("power", units="V", data=[3 * places], axes=[Axis("delay", "ps", places)])
            DataSaverLoader(file).add_data(group, signal)
            paths.append(f"{group.path}/Data00")
        view = OverlayView()
        qtbot.addWidget(view)
        view.show_subject(Subject(file, paths[0], (Subject(file, paths[1]),)))
        view._how.setCurrentIndex(1)
        assert curves(view)["Data001"] == [0, 0, 0, 0]
        assert "interpolated" in view._told.text()


def saved(file, values, units, axes):
    """Save data, and return the path of their array."""
    group = file.add_generic_group(group_type="data")
    DataSaverLoader(file).add_data(group, DataRaw("power", units=units, data=[values], axes=axes))
    return f"{group.path}/Data00"


@pytest.fixture
def compare(tmp_path, qtbot):
    """Show data in a view: values, their units, and the units and the coordinates of each axis."""

    with H5SaverLowLevel.from_file(tmp_path / "units.h5") as file:

        def show(kind, *signals):
            paths = []
            for values, units, *axes in signals:
                named = [Axis(f"axis {index}", *axis, index=index) for index, axis in enumerate(axes)]
                paths.append(saved(file, values, units, named))
            view = kind()
            qtbot.addWidget(view)
            view.show_subject(Subject(file, paths[0], tuple(Subject(file, path) for path in paths[1:])))
            return view

        yield show


def test_curves_are_converted_to_the_units_of_the_first(compare):
    seconds = np.arange(5.0) / 10
    view = compare(
        OverlayView,
        (np.arange(5.0), "V", ("s", seconds)),
        (1000 * np.arange(5.0), "mV", ("ms", 1000 * seconds)),
    )
    first, second = view.plot.listDataItems()
    assert second.xData.tolist() == first.xData.tolist()
    np.testing.assert_allclose(second.yData, first.yData)
    axes = {side: view.plot.getPlotItem().getAxis(side).labelText for side in ("bottom", "left")}
    assert axes == {"bottom": "axis 0 (s)", "left": "power (V)"}
    assert view._told.text() == ("Data001 is converted: places from ms to s, values from mV to V.")
    view._how.setCurrentIndex(1)
    np.testing.assert_allclose(view.plot.listDataItems()[1].yData, 0, atol=1e-12)
    assert "interpolated" not in view._told.text()


def test_images_are_converted_to_the_units_of_the_first(compare):
    values = np.arange(12.0).reshape(3, 4)
    millimetres, micrometres = np.arange(3.0), 1000 * np.arange(3.0)
    columns = ("nm", 500 + np.arange(4.0))
    view = compare(
        DifferenceView,
        (values, "mm", ("mm", millimetres), columns),
        (1000 * values + 500, "um", ("um", micrometres), columns),
    )
    np.testing.assert_allclose(view.images[2].image.image, 0.5)
    assert [plot._colours.axis.labelText for plot in view.images] == [
        "power (mm)",
        "power (mm)",
        "difference (mm)",
    ]
    assert [plot.plot.getAxis("left").labelText for plot in view.images] == ["axis 0 (mm)"] * 3
    assert view._told.text() == "Data001 is converted: values from µm to mm, axis 0 from µm to mm."


@pytest.mark.parametrize(
    ("units", "reason"),
    [
        (("V", "counts"), "values are in V and in counts"),
        (("V", ""), "values are in V and without units"),
        (("V", "arb. units"), "values are in V and in arb. units"),
        (("Hz", "rad/s"), "values are in Hz and in rad/s"),
    ],
)
def test_units_that_cannot_be_converted_are_refused(tmp_path, units, reason):
    with H5Backend.open(tmp_path / "units.h5", "w") as file:
        for number, each in enumerate(units):
            file.create_carray("/", f"line{number}", np.arange(4.0)).attrs["units"] = each
        view, subject = OverlayView(), Subject(file, "/line0", (Subject(file, "/line1"),))
        with pytest.raises(CannotCompareError, match=reason):
            view.show_subject(subject)
        assert view.plot.listDataItems() == []
        view._how.setCurrentIndex(2)  # by its largest value
        assert len(view.plot.listDataItems()) == 2


def test_of_compared_spectra_new_points_alone_are_read(written, point, qtbot, monkeypatch):
    file, saver, scan = written
    other = file.add_scan_group(title="Other")
    for number in range(20):
        saver.add_data(other, point(1.0), divmod(number, 5))
    paths = [f"{group.path}/Data1D/CH00/Data00" for group in (scan, other)]
    view = DifferenceView()
    qtbot.addWidget(view)
    view.show_subject(Subject(file, paths[0], (Subject(file, paths[1]),)))
    monkeypatch.setattr("h5modules.browsing.qt.views._compared.read_overview", None)
    follower = PointFollower(scan.path)
    follower.look(DataLoader(file), FileState.RUNNING)
    for number in range(15, 20):
        saver.add_data(scan, point(float(number)), divmod(number, 5))
    view.add_points(follower.look(DataLoader(file), FileState.RUNNING))
    assert view._told.text() == ""
    shown = view.images[0].image.image
    np.testing.assert_allclose(shown, np.arange(20.0).reshape(4, 5) + 7.5)
    np.testing.assert_allclose(view.images[2].image.image, 8.5 - shown)


def test_what_cannot_be_compared_leaves_no_picture_of_other_nodes(window, opened, tmp_path):
    with H5Backend.open(tmp_path / "units.h5", "w") as file:
        for name, units in (("one", "V"), ("two", "V"), ("three", "mW")):
            file.create_carray("/", name, np.eye(4)).attrs["units"] = units
    source = opened(window, tmp_path / "units.h5", "/one")
    window.compare([(source, "/one"), (source, "/two")])
    view = window.stage.view
    assert view.images[0].image.image is not None
    window.compare([(source, "/one"), (source, "/three")])
    assert window.stage.view is view
    assert "are in V and in mW" in window.bar.text
    assert [plot.image.image for plot in view.images] == [None] * 3
    window.compare([(source, "/one"), (source, "/two")])
    window.stage.choose(1)
    window.stage.choose(0)
    assert window.stage.view is view
    assert all(plot.image.scene() is not None and plot.image.image.shape == (4, 4) for plot in view.images)


def test_a_sample_of_long_curves_is_told(window, opened, tmp_path):
    with h5py.File(tmp_path / "long.h5", "w") as raw:
        raw["one"], raw["two"] = np.zeros(600_000), np.ones(600_000)
        raw["short"] = np.zeros(600)
    source = opened(window, tmp_path / "long.h5", "/one")
    window.compare([(source, "/one"), (source, "/two")])
    view = window.stage.view
    assert "greatest values of a sample" in view._told.text()
    view._how.setCurrentIndex(1)
    assert "greatest values of a sample" in view._told.text()
    window.compare([(source, "/short"), (source, "/short")])
    assert view._told.text() == ""


def test_lone_points_have_the_colour_of_their_curve(window, opened, tmp_path):
    values = np.where(np.arange(1_000) % 500 == 250, 1.0, np.nan)
    values[:200] = 0.0
    with h5py.File(tmp_path / "gaps.h5", "w") as raw:
        raw["one"], raw["two"] = values, values + 1
    source = opened(window, tmp_path / "gaps.h5", "/one")
    window.compare([(source, "/one"), (source, "/two")])
    items = window.stage.view.plot.listDataItems()
    lines = [item.opts["pen"].color().name() for item in items[::2]]
    assert [item.opts["symbolBrush"].color().name() for item in items[1::2]] == lines
    assert len(set(lines)) == 2


def test_one_curve_too_many_is_left_out_and_told(window, opened, tmp_path):
    with h5py.File(tmp_path / "many.h5", "w") as raw:
        for number in range(14):
            raw[f"line{number:02d}"] = np.arange(4.0)
    source = opened(window, tmp_path / "many.h5", "/line00")
    window.compare([(source, f"/line{number:02d}") for number in range(14)])
    assert len(window.stage.subject.others) == 11
    assert window.statusBar().currentMessage() == "The first 12 of 14 are compared."
