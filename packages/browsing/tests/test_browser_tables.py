"""The table of the browser, in a real Qt without a screen."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from h5modules.backends import FileState, H5Backend
from h5modules.backends._h5py import H5pyDriver
from h5modules.browsing.qt.views._tables import TableView
from h5modules.data_saving import DataLoader, DataToExportTimedSaver, PointFollower


def copied(view, row):
    view.table.selectRow(row)
    view.copy()
    return QApplication.clipboard().text().split("\t")


def rows(view):
    model = view.table.model()
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_a_table_is_read_by_pages_and_copied(written, shown):
    file, _, scan = written
    view = shown(file, f"{scan.path}/Data1D/CH00/Data00", TableView)
    model = view.table.model()
    assert (model.rowCount(), model.columnCount()) == (20, 16)
    assert model.headerData(0, Qt.Orientation.Horizontal) == "500 nm"
    assert model.headerData(7, Qt.Orientation.Vertical) == "1 µm, 4 µm"
    assert copied(view, 7) == [str(7 + number) for number in range(16)]


def test_points_that_were_not_acquired_are_empty_until_they_come(written, shown, point):
    file, saver, scan = written
    views = [shown(file, f"{scan.path}/Data{kind}/CH00/Data00", TableView) for kind in ("0D", "1D")]
    follower = PointFollower(scan.path)
    follower.look(DataLoader(file), FileState.RUNNING)
    assert rows(views[0])[2:] == [["10", "11", "12", "13", "14"], [""] * 5]
    assert copied(views[1], 15) == [""] * 16
    saver.add_data(scan, point(15.0), (3, 0))
    new = follower.look(DataLoader(file), FileState.RUNNING)
    for view in views:
        view.add_points(new)
    assert rows(views[0])[3] == ["15", "", "", "", ""]
    assert [each.row() for each in views[1].table.selectedIndexes()] == [15] * 16  # it stays selected
    assert copied(views[1], 15) == [str(15 + number) for number in range(16)]


def test_the_table_of_a_log_grows(written, shown, point):
    file, _, _ = written
    group, saver = file.get_set_group("/RawData", "Log000"), DataToExportTimedSaver(file)
    saver.add_data(group, point(0.0))
    view = shown(file, f"{group.path}/Data0D/CH00/EnlData00", TableView)
    follower = PointFollower(group.path)
    follower.look(DataLoader(file), FileState.RUNNING)
    for number in range(1, 300):
        saver.add_data(group, point(float(number)))
    view.add_points(follower.look(DataLoader(file), FileState.RUNNING))
    known = [text for (text,) in rows(view) if text]
    assert known == [str(number) for number in range(300)]


def test_no_more_digits_are_shown_than_can_be_read(tmp_path, shown):
    with h5py.File(tmp_path / "digits.h5", "w") as raw:
        raw["values"] = np.array([1 / 3, 1e10])
        raw["waves"] = np.array([1 / 3 + 2j / 3])
        raw["counts"] = np.array([12345678901])
    with H5Backend.open(tmp_path / "digits.h5") as file:
        found = [rows(shown(file, f"/{name}", TableView)) for name in ("values", "waves", "counts")]
    assert found == [[["0.33333333"], ["1e+10"]], [["0.33333333+0.66666667j"]], [["12345678901"]]]


@pytest.mark.parametrize("shape", [(300, 9_000), (3, 4, 9_000)])
def test_no_more_columns_are_read_than_shown(tmp_path, shown, monkeypatch, shape):
    with h5py.File(tmp_path / "wide.h5", "w") as raw:
        raw["wide"] = np.broadcast_to(np.arange(9_000.0), shape)
    given = []
    read = H5pyDriver.read

    def noted(*arguments):
        found = read(*arguments)
        given.append(np.shape(found)[-1])
        return found

    with H5Backend.open(tmp_path / "wide.h5") as file:
        view = shown(file, "/wide", TableView)
        monkeypatch.setattr(H5pyDriver, "read", noted)
        model = view.table.model()
        assert model.data(model.index(3, 1_999)) == "1999"
        assert set(given) == {2_000}
