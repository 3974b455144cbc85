"""What the browser shows of a node, driven as a person would, in a real Qt without a screen."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataDistribution, DataRaw
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QColor, QGuiApplication, QPalette

from h5modules.backends import FileState, H5Backend
from h5modules.backends._h5py import H5pyDriver
from h5modules.browsing.qt.views import Subject, _reading, views_for
from h5modules.browsing.qt.views._curves import CurveView
from h5modules.browsing.qt.views._images import ImageView
from h5modules.browsing.qt.views._reading import overview_name, read_line, read_overview, read_plane
from h5modules.browsing.qt.views._scan_maps import ScanView
from h5modules.browsing.qt.views._scatter import ScatterView
from h5modules.browsing.qt.views._tables import HexView, TextView
from h5modules.data_saving import (
    BkgSaver,
    DataLoader,
    DataSaverLoader,
    DataToExportExtendedSaver,
    PointFollower,
)
from h5modules.saving import H5SaverLowLevel


def dark() -> QPalette:
    palette = QPalette(QGuiApplication.palette())
    palette.setColor(QPalette.ColorRole.Base, QColor("#101010"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#f0f0f0"))
    return palette


def kinds(file, path):
    return [each.__name__ for each in views_for(Subject(file, path))]


def test_the_best_view_comes_first(written):
    file, _, scan = written
    assert kinds(file, scan.path) == ["ScanView", "ImageView"]
    assert kinds(file, f"{scan.path}/Data0D/CH00/Data00") == ["ImageView", "TableView", "HexView"]
    assert kinds(file, f"{scan.path}/Data2D/CH00/Data00") == ["ScanView", "TableView", "HexView"]
    assert kinds(file, "/RawData/Logger") == ["TextView", "HexView"]


def test_a_map_with_points_that_were_not_acquired(written, shown):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data0D/CH00/Data00")
    assert isinstance(view, ImageView)
    values = view.image.image.image
    assert values[:3].tolist() == np.arange(15.0).reshape(3, 5).tolist()
    assert np.isnan(values[3]).all()
    assert view.image.plot.getAxis("bottom").labelText == "X (µm)"
    bounds = view.image.bounds
    assert (bounds.left(), bounds.right()) == (-1, 9)  # pixels lie around their places


def test_the_mouse_tells_the_value(written, shown, qtbot):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data0D/CH00/Data00")
    told = {
        (4, 1): "X = 4 µm, Y = 1 µm:  7 mW",
        (4, 3): "X = 4 µm, Y = 3 µm:  not acquired",
        (99, 0): "",
    }
    for place, text in told.items():
        scene = view.image.plot.vb.mapViewToScene(QPointF(*place))
        view.image.plot.scene().sigMouseMoved.emit(scene)
        assert view._told.text() == text


def test_a_region_has_a_mean_and_line_outs(written, shown):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data0D/CH00/Data00")
    view._region.setChecked(True)
    view.image.region.setPos((1.5, 0.7))
    view.image.region.setSize((3.0, 1.1))
    assert view._told.text() == "mean in the region:  9 mW"
    columns, rows = (plot.listDataItems()[0].yData.tolist() for plot in view._beside)
    assert (columns, rows) == ([8.5, 9.5], [6.5, 11.5])


def test_the_cross_chooses_what_is_shown_beside(written, shown):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data1D/CH00/Data00")
    assert isinstance(view, ScanView)
    column, row = view.map._lines
    column.setValue(4.2)
    row.setValue(0.9)
    row.sigDragged.emit(row)
    (curve,) = view.curve.listDataItems()
    assert curve.yData.tolist() == (7 + np.arange(16.0)).tolist()
    assert curve.xData.tolist() == (500 + np.arange(16.0)).tolist()
    assert view._told.text() == "Y = 1 µm, X = 4 µm"
    view._region.setChecked(True)
    view.map.region.setPos((0.0, 0.0))
    view.map.region.setSize((8.0, 3.0))  # all: 15 of them were acquired
    assert view._told.text() == "mean of 15 points"
    (curve,) = view.curve.listDataItems()
    assert curve.yData.tolist() == (7 + np.arange(16.0)).tolist()


def test_a_click_on_the_map(written, shown, qtbot):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data2D/CH00/Data00")
    where = view.map.mapFromScene(view.map.plot.vb.mapViewToScene(QPointF(2.0, 2.0)))
    qtbot.mouseClick(view.map.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(where.x(), where.y()))
    qtbot.waitUntil(lambda: view._told.text() == "Y = 2 µm, X = 2 µm")
    assert view.frame.image.image.tolist() == np.full((6, 7), 11.0).tolist()


def test_the_cross_is_moved_by_keys(written, shown, qtbot):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data1D/CH00/Data00")
    assert view._told.text() == "Y = 2 µm, X = 8 µm"  # the brightest, last in its row
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(view.map, key)
    assert view._told.text() == "Y = 1 µm, X = 8 µm"
    assert view.map._lines[0].value() == 8
    qtbot.keyClick(view.map, Qt.Key.Key_Up)
    assert view._told.text() == "Y = 2 µm, X = 8 µm"


def test_new_points_are_drawn(written, shown, point):
    file, saver, scan = written
    views = [
        shown(file, f"{scan.path}/Data0D/CH00/Data00"),
        shown(file, f"{scan.path}/Data1D/CH00/Data00"),
    ]
    follower = PointFollower(scan.path)
    follower.look(DataLoader(file), FileState.RUNNING)
    saver.add_data(scan, point(15.0), (3, 0))
    new = follower.look(DataLoader(file), FileState.RUNNING)
    assert new.indexes == ((3, 0),)
    for view in views:
        view.add_points(new)
    assert views[0].image.image.image[3, 0] == 15
    assert views[1].map.image.image[3, 0] == 15 + 7.5
    assert np.isnan(views[1].map.image.image[3, 1])


def test_listed_points_are_dots(tmp_path, shown, point):
    places = np.random.default_rng(1).random((30, 2))
    with H5SaverLowLevel.from_file(tmp_path / "spread.h5") as file:
        scan = file.add_scan_group()
        saver = DataToExportExtendedSaver(file, (30,))
        axes = [Axis(name, "um", places[:, number], 0, number) for number, name in enumerate("XY")]
        saver.add_nav_axes(scan, axes)
        for number in range(20):
            saver.add_data(scan, point(float(number)), (number,), distribution=DataDistribution["spread"])
        view = shown(file, f"{scan.path}/Data0D/CH00/Data00")
        assert isinstance(view, ScatterView)
        xs, ys = view.dots.getData()
        assert xs.tolist() == places[:20, 0].tolist()
        assert ys.tolist() == places[:20, 1].tolist()
        assert view._told.text() == "20 of 30 points acquired"
        view._fill.setChecked(True)
        filled = view.filling.image
        assert (np.nanmin(filled), np.nanmax(filled)) == pytest.approx((0, 19), abs=1)
        assert view.filling.mapRectToParent(view.filling.boundingRect()).left() == xs.min()
        view._fill.setChecked(False)
        assert view.filling.image is None


@pytest.fixture
def channels(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "curves.h5") as file:
        group = file.add_generic_group(group_type="data")
        delay = Axis("delay", "ps", np.arange(8.0), index=0)
        data = [np.arange(8.0), np.arange(8.0) ** 2]
        errors = [np.full(8, 0.5), np.full(8, 2.0)]
        signal = DataRaw("lock-in", units="V", labels=["X", "R"], data=data, errors=errors, axes=[delay])
        DataSaverLoader(file).add_data(group, signal)
        BkgSaver(file).add_data(group, DataRaw("bkg", units="V", data=[np.ones(8), np.ones(8)], axes=[delay]))
        yield file, group


def test_channels_share_a_plot_with_error_bars(channels, shown):
    file, group = channels
    view = shown(file, f"{group.path}/Data00")
    assert isinstance(view, CurveView)
    curves = view._plot.listDataItems()
    assert [curve.name() for curve in curves] == ["X", "R"]
    bars = [item for item in view._plot.getPlotItem().items if type(item).__name__ == "ErrorBarItem"]
    assert [bar.opts["height"].tolist() for bar in bars] == [[1.0] * 8, [4.0] * 8]
    axes = [view._plot.getPlotItem().getAxis(side).labelText for side in ("bottom", "left")]
    assert axes == ["delay (ps)", "lock-in (V)"]


def test_one_channel_against_another(channels, shown):
    file, group = channels
    view = shown(file, f"{group.path}/Data00")
    view._against.setCurrentIndex(1)
    (curve,) = view._plot.listDataItems()
    assert (curve.name(), curve.xData.tolist()) == ("R", list(range(8)))
    assert view._plot.getPlotItem().getAxis("bottom").labelText == "X (V)"


def test_the_background_is_subtracted_when_asked_for(channels, shown):
    file, group = channels
    view = shown(file, f"{group.path}/Data00")
    assert view._background.isVisible()
    view._background.setChecked(True)
    assert view._plot.listDataItems()[0].yData.tolist() == list(range(-1, 7))


def test_another_theme_keeps_what_is_in_sight(channels, shown, monkeypatch):
    file, group = channels
    view = shown(file, f"{group.path}/Data00")
    view._plot.setXRange(2, 3, padding=0)
    monkeypatch.setattr(H5pyDriver, "read", None)  # nothing is read again
    view.setPalette(dark())
    assert view._plot.viewRange()[0] == [2, 3]
    assert view._plot.listDataItems()[0].opts["pen"].color().name() == "#56b4e9"


def test_the_channel_of_an_image_is_chosen(tmp_path, shown):
    with H5SaverLowLevel.from_file(tmp_path / "polarised.h5") as file:
        group = file.add_generic_group(group_type="data")
        data = [np.zeros((3, 4)), np.ones((3, 4))]
        DataSaverLoader(file).add_data(group, DataRaw("camera", labels=["s", "p"], data=data))
        view = shown(file, f"{group.path}/Data00")
        assert [view._channel.itemText(place) for place in range(2)] == ["s", "p"]
        view._channel.setCurrentIndex(1)
        assert view.image.image.image.tolist() == data[1].tolist()


def test_an_image_with_other_axes_is_shown_whole(tmp_path, shown):
    with H5SaverLowLevel.from_file(tmp_path / "images.h5") as file:
        paths = []
        for start in (0.0, 0.0, 50.0):
            group = file.add_generic_group(group_type="data")
            axes = [Axis(name, "mm", start + np.arange(5.0), index=at) for at, name in enumerate("YX")]
            DataSaverLoader(file).add_data(group, DataRaw("image", data=[np.eye(5)], axes=axes))
            paths.append(f"{group.path}/Data00")
        view = shown(file, paths[0])
        view.image.plot.setXRange(1, 2, padding=0)
        seen = view.image.plot.viewRange()
        view.show_subject(Subject(file, paths[1]))
        assert view.image.plot.viewRange() == seen  # the same places of another image
        view.show_subject(Subject(file, paths[2]))
        assert view.image.plot.viewRange()[0][0] > 49 - 50 * 0.1


def test_small_numbers_are_written_as_they_are(tmp_path, shown):
    with H5SaverLowLevel.from_file(tmp_path / "small.h5") as file:
        group = file.add_generic_group(group_type="data")
        values = np.linspace(0.001, 0.002, 12).reshape(3, 4)
        DataSaverLoader(file).add_data(group, DataRaw("current", units="A", data=[values]))
        view = shown(file, f"{group.path}/Data00")
        view.restyle()
        axes = [view.image._colours.axis, view.image.plot.getAxis("left")]
        assert [axis.autoSIPrefixScale for axis in axes] == [1, 1]


# Arrays of any size


def test_no_more_is_read_than_is_shown(tmp_path, shown):
    with h5py.File(tmp_path / "large.h5", "w") as raw:  # 20 GB, of which nothing is on the disk
        raw.create_dataset("frames", (50, 50, 1000, 1000), "f8", chunks=(1, 1, 500, 500))
        raw.create_dataset("line", (10**9,), "f4", chunks=(10**5,))
        raw.create_dataset("image", (60_000, 40_000), "f4", chunks=(500, 500))
    with H5Backend.open(tmp_path / "large.h5") as file:
        line = read_line(file.get_node("/line"), (slice(None),))
        assert len(line.places) == 2_000
        assert not line.is_whole
        part = read_line(file.get_node("/line"), (slice(None),), 10, 20)
        assert part.places.tolist() == list(range(10, 20))
        plane = read_plane(file.get_node("/image"), (slice(None), slice(None)))
        assert plane.values.shape == (100, 2_000)
        signal = Subject(file, "/frames").signals[0][0]
        assert read_overview(signal).size == 1
        view = shown(file, "/line")
        assert view._told.text() == "1,000,000,000 values: a sample of them is drawn; zoom in to see all."
        view._plot.setXRange(1_000, 1_100, padding=0)
        view._zoom.stop()
        view._read_what_is_seen()
        assert view._plot.listDataItems()[0].xData.tolist() == list(range(1_000, 1_101))


def test_a_sample_of_a_long_line_has_no_background_and_no_points_to_come(tmp_path, shown, monkeypatch, point):
    monkeypatch.setattr(_reading, "MOST_PLACES", 20)
    size = 40_000
    with H5SaverLowLevel.from_file(tmp_path / "long.h5") as file:
        group = file.add_generic_group(group_type="data")
        DataSaverLoader(file).add_data(group, DataRaw("trace", data=[np.full(size, 3.0)]))
        BkgSaver(file).add_data(group, DataRaw("bkg", data=[np.ones(size)]))
        view = shown(file, f"{group.path}/Data00")
        assert "sample" in view._told.text()
        view._background.setChecked(True)
        assert set(view._plot.listDataItems()[0].yData) == {2.0}
        scan = file.add_scan_group()
        saver = DataToExportExtendedSaver(file, (size,))
        saver.add_data(scan, point(7.0), (0,))
        known = shown(file, f"{scan.path}/Data0D/CH00/Data00")._plot.listDataItems()[0].yData
        assert known[0] == 7.0
        assert np.isnan(known[2:]).all()


def test_the_part_of_a_large_image_that_is_seen_is_read_beside_the_window(qtbot, window, opened, tmp_path):
    values = np.arange(5_000 * 6_000, dtype="u4").reshape(5_000, 6_000)
    with h5py.File(tmp_path / "mosaic.h5", "w") as raw:
        raw["mosaic"] = values
    opened(window, tmp_path / "mosaic.h5", "/mosaic")
    view = window.stage.view
    plot, part = view.image.plot, view.image.fine.image
    assert view.image.image.image.shape == (625, 2_000)
    assert not part.isVisible()
    plot.setRange(xRange=(1_000, 1_100), yRange=(3_000, 3_040), padding=0)
    qtbot.waitUntil(part.isVisible)
    bounds = part.mapRectToParent(part.boundingRect())
    left, top = round(bounds.left() + 0.5), round(bounds.top() + 0.5)
    height, width = part.image.shape
    assert part.image.tolist() == values[top : top + height, left : left + width].tolist()
    assert (bounds.width(), bounds.height()) == pytest.approx((width, height))
    assert bounds.contains(plot.viewRect())
    assert part.levels.tolist() == view.image.image.levels.tolist()
    plot.scene().sigMouseMoved.emit(plot.vb.mapViewToScene(QPointF(1_041, 3_013)))
    assert view._told.text() == f"point 1041, point 3013:  {values[3013, 1041]:.6g}"
    plot.autoRange(padding=0)
    qtbot.waitUntil(lambda: not part.isVisible())


def test_rows_that_are_stored_together_are_read_once(tmp_path, monkeypatch):
    values = np.arange(900.0 * 700).reshape(900, 700)
    with h5py.File(tmp_path / "packed.h5", "w") as raw:
        raw.create_dataset("image", data=values, chunks=(300, 70), compression="gzip")
    monkeypatch.setattr(_reading, "MOST_VALUES", 100_000)
    with H5Backend.open(tmp_path / "packed.h5") as file:
        asked = []
        read = H5pyDriver.read
        monkeypatch.setattr(
            H5pyDriver, "read", lambda *arguments: asked.append(arguments[2]) or read(*arguments)
        )
        plane = read_plane(file.get_node("/image"), (slice(None), slice(None)))
    assert plane.values.tolist() == values[::7].tolist()
    assert len(asked) <= 5


def test_a_live_map_is_of_one_kind(written, shown, monkeypatch, point):
    monkeypatch.setattr(_reading, "MOST_VALUES", 20 * 7)  # one row of each frame
    file, saver, scan = written
    path = f"{scan.path}/Data2D/CH00/Data00"
    uneven = point(1.0)
    uneven.get_data_from_name("frame").data[0][0] = 50.0
    follower = PointFollower(scan.path)
    follower.look(DataLoader(file), FileState.RUNNING)
    view = shown(file, path)
    saver.add_data(scan, uneven, (3, 0))
    view.add_points(follower.look(DataLoader(file), FileState.RUNNING))
    assert view.map.image.image[3, 0] == 1.0
    assert read_overview(Subject(file, path).signals[0][0])[3, 0] == 1.0
    assert overview_name(Subject(file, path).signals[0][0]) == "mean of the middle of frame"


def test_foreign_arrays_of_many_dimensions_have_sliders(tmp_path, shown):
    with h5py.File(tmp_path / "foreign.h5", "w") as raw:
        raw["stack"] = np.arange(120.0).reshape(4, 5, 6)
        raw["flags"] = np.array([[True, False], [False, True]])
        raw["names"] = np.array([b"one", b"two"])
        raw["waves"] = np.exp(1j * np.arange(5.0))
    with H5Backend.open(tmp_path / "foreign.h5") as file:
        view = shown(file, "/stack")
        assert isinstance(view, ScanView)
        view._slide(0, 2, view._told)
        assert view.frame.image.image.tolist() == np.arange(120.0).reshape(4, 5, 6)[2].tolist()
        assert kinds(file, "/flags")[0] == "ImageView"
        assert shown(file, "/waves")._plot.listDataItems()[0].yData.tolist() == pytest.approx([1.0] * 5)
        raw_bytes = shown(file, "/names", HexView)
        assert "onetwo" in raw_bytes.text.toPlainText()


def test_lines_of_a_log(written, shown):
    file, _, _ = written
    file.add_log("aligned")
    view = shown(file, "/RawData/Logger")
    assert isinstance(view, TextView)
    assert view.text.toPlainText().endswith("aligned")


def test_a_filter_that_is_missing_is_told(tmp_path, shown):
    with h5py.File(tmp_path / "odd.h5", "w") as raw:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((10,))
        plan.set_filter(305, h5py.h5z.FLAG_OPTIONAL)  # nobody here knows it
        space = h5py.h5s.create_simple((100,))
        dataset = h5py.h5d.create(raw.id, b"unknown", h5py.h5t.NATIVE_DOUBLE, space, plan)
        dataset.write_direct_chunk((0,), bytes(80))
    with H5Backend.open(tmp_path / "odd.h5") as file:
        classes = views_for(Subject(file, "/unknown"))
        assert [each.__name__ for each in classes] == ["HexView"]
        assert "(number 305), which is not here" in shown(file, "/unknown").text.toPlainText()


def test_a_file_that_is_gone_is_told(tmp_path, written, shown):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data1D/CH00/Data00")
    file.close_file()
    view.map.place_chosen.emit(0, 0)
    assert "was closed" in view._told.text()


def test_the_colours_follow_the_theme(written, shown):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data0D/CH00/Data00")
    view.setPalette(dark())
    assert view.image.backgroundBrush().color().name() == "#101010"


def test_nothing_is_kept_of_what_is_no_longer_shown(written, shown):
    file, _, scan = written
    for path in (scan.path, "/RawData/Logger", f"{scan.path}/Data0D/CH00/Data00"):
        for each in views_for(Subject(file, path)):
            view = shown(file, path, each)
            view.clear()
            assert getattr(view, "channels", ()) == ()
