"""Maps and images of the browser while points come, and after another node was chosen."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from qtpy.QtCore import QPointF

from h5modules.backends import FileState, H5Backend
from h5modules.browsing.qt.views import Subject
from h5modules.browsing.qt.views._images import ImageView
from h5modules.browsing.qt.views._scan_maps import ScanView
from h5modules.data_saving import DataLoader, DataToExportTimedSaver, PointFollower


def drag_cross(view, x, y):
    column, row = view.map._lines
    column.setValue(x)
    row.setValue(y)
    row.sigDragged.emit(row)


def drag_region(plot, left, bottom, width, height):
    plot.region.setPos((left, bottom))
    plot.region.setSize((width, height))


def region_of(plot):
    return (*plot.region.pos(), *plot.region.size())


@pytest.fixture
def come(written, point):
    """Save points of the scan, and tell of them."""
    file, saver, scan = written
    follower = PointFollower(scan.path)
    follower.look(DataLoader(file), FileState.RUNNING)

    def save(*indexes):
        for index in indexes:
            saver.add_data(scan, point(15.0), index)
        return follower.look(DataLoader(file), FileState.RUNNING)

    return save


@pytest.fixture
def foreign(tmp_path):
    """Images and a volume of another program; one image cannot be read."""
    with h5py.File(tmp_path / "foreign.h5", "w") as raw:
        raw["small"] = np.arange(12.0).reshape(3, 4)
        raw["alike"] = np.arange(12.0).reshape(3, 4) + 5
        raw["large"] = np.arange(1200.0).reshape(30, 40)
        raw["volume"] = np.arange(24.0).reshape(2, 3, 4)
        raw.create_dataset("broken", (3, 4), "f8", chunks=(3, 4), compression="gzip")
        raw["broken"].id.write_direct_chunk((0, 0), b"no gzip")
    with H5Backend.open(tmp_path / "foreign.h5") as file:
        yield file


# While points come


def test_the_point_at_the_cross_is_drawn_when_it_comes(written, shown, come):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data1D/CH00/Data00")
    drag_cross(view, 2.0, 3.0)
    assert view._told.text() == "Y = 3 µm, X = 2 µm  (not acquired)"
    view.add_points(come((3, 0)))
    assert view._told.text() == "Y = 3 µm, X = 2 µm  (not acquired)"
    view.add_points(come((3, 1)))
    assert view._told.text() == "Y = 3 µm, X = 2 µm"
    assert view.curve.listDataItems()[0].yData.tolist() == (15 + np.arange(16.0)).tolist()


def test_the_mean_of_a_region_grows(written, shown, come):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data2D/CH00/Data00")
    view._region.setChecked(True)
    drag_region(view.map, 0.0, 0.0, 8.0, 3.0)
    assert view._told.text() == "mean of 15 points"
    view.add_points(come((3, 0)))
    assert view._told.text() == "mean of 16 points"
    assert view.frame.image.image.tolist() == np.full((6, 7), 7.5).tolist()


def test_the_cross_stays_where_a_log_grows(written, shown, point):
    file, _, _ = written
    group, saver = file.get_set_group("/RawData", "Log000"), DataToExportTimedSaver(file)
    follower = PointFollower(group.path)
    for number in range(3):
        saver.add_data(group, point(float(number)))
    follower.look(DataLoader(file), FileState.RUNNING)
    view = shown(file, f"{group.path}/Data2D/CH00/EnlData00", ScanView)
    drag_cross(view, view.map._across[0] + view.map._across[1], 0.0)
    assert view.frame.image.image.tolist() == np.full((6, 7), 1.0).tolist()
    before = view._told.text()
    shape = view._overview.shape
    for number in range(3, 300):
        saver.add_data(group, point(float(number)))
    view.add_points(follower.look(DataLoader(file), FileState.RUNNING))
    assert view._overview.shape > shape
    assert view._told.text() == before
    assert view.frame.image.image.tolist() == np.full((6, 7), 1.0).tolist()


def test_a_pixel_without_a_value_leaves_the_map_of_a_scan(written, shown, come, point):
    file, saver, scan = written
    broken = point(15.0)
    broken.get_data_from_name("spectrum").data[0][3] = np.nan
    view = shown(file, f"{scan.path}/Data1D/CH00/Data00")
    saver.add_data(scan, broken, (3, 0))
    view.add_points(come((3, 1)))
    expected = 15 + np.delete(np.arange(16.0), 3).mean()
    assert view.map.image.image[3, 0] == pytest.approx(expected)
    view.show_subject(Subject(file, f"{scan.path}/Data1D/CH00/Data00"))
    assert view.map.image.image[3, 0] == pytest.approx(expected)
    assert view.map.image.image[3, 1] == 15 + 7.5


def test_colours_that_were_chosen_stay_while_points_come(written, shown, come):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data0D/CH00/Data00")
    view.add_points(come((3, 0)))
    assert view.image.image.levels.tolist() == [0, 15]
    view.image._colours.setLevels(3.0, 4.0)
    view.add_points(come((3, 1)))
    assert view.image.image.levels.tolist() == [3, 4]
    view.add_points(come((3, 2)))
    assert view.image.image.levels.tolist() == [3, 4]
    view.show_subject(Subject(file, f"{scan.path}/Data0D/CH00/Data00"))
    assert view.image.image.levels.tolist() == [0, 15]


# After another node was chosen


@pytest.mark.parametrize("kind", [ImageView, ScanView])
def test_an_image_is_there_again_after_it_was_cleared(written, shown, qtbot, kind):
    file, _, scan = written
    subject = Subject(file, f"{scan.path}/Data{'0D' if kind is ImageView else '2D'}/CH00/Data00")
    view = shown(file, subject.path, kind)
    plot = view.image if kind is ImageView else view.map

    def is_seen() -> bool:
        where = plot.mapFromScene(plot.plot.vb.mapViewToScene(QPointF(8.6, 2.3)))
        return plot.grab().toImage().pixelColor(where).name() == "#fde725"  # of the greatest value

    qtbot.waitUntil(is_seen)
    view.clear()
    assert not is_seen()
    view.show_subject(subject)
    qtbot.waitUntil(is_seen)


def test_a_volume_has_no_map_and_no_region(written, shown, foreign):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data1D/CH00/Data00")
    view._region.setChecked(True)
    view.show_subject(Subject(foreign, "/volume"))
    assert not view._region.isVisible()
    assert view.map.image.image is None
    assert view.frame.image.image.tolist() == (12 + np.arange(12.0)).reshape(3, 4).tolist()
    view._slide(0, 0, view._told)
    assert view.frame.image.image.tolist() == np.arange(12.0).reshape(3, 4).tolist()
    view.show_subject(Subject(file, f"{scan.path}/Data1D/CH00/Data00"))
    assert view._region.isVisible()
    assert view._told.text().startswith("mean of")


def test_a_region_stays_in_the_image(shown, foreign):
    view = shown(foreign, "/large")
    view._region.setChecked(True)
    drag_region(view.image, 30.0, 20.0, 5.0, 5.0)
    view.show_subject(Subject(foreign, "/small"))
    assert region_of(view.image) == (1.0, 0.625, 1.0, 0.75)
    assert view._told.text() == "mean in the region:  5.5"
    drag_region(view.image, -0.4, -0.4, 1.0, 1.0)
    view.show_subject(Subject(foreign, "/alike"))
    assert region_of(view.image) == (-0.4, -0.4, 1.0, 1.0)  # the same places of another image
    assert view._told.text() == "mean in the region:  7.5"


@pytest.mark.parametrize(("path", "kind"), [("/small", ImageView), ("/volume", ScanView)])
def test_what_cannot_be_read_leaves_no_picture_of_another_node(shown, foreign, monkeypatch, path, kind):
    view = shown(foreign, path, kind)
    plot = view.image if kind is ImageView else view.frame
    assert plot.image.image is not None
    broken = Subject(foreign, "/broken")
    monkeypatch.setattr(kind, "takes", classmethod(lambda cls, signal: True))
    view.show_subject(broken)
    assert plot.image.image is None
    assert "/broken" in view._told.text()
