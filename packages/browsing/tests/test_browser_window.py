"""The browser with a window, driven as a person would, in a real Qt without a screen."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from pytestqt.exceptions import TimeoutError as NeverCame
from qtpy.QtCore import QMimeData, QModelIndex, QPointF, QSettings, Qt, QUrl
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QApplication, QInputDialog

from h5modules.backends import H5Backend
from h5modules.browsing import read_comments
from h5modules.browsing.qt import BrowserWindow, Session
from h5modules.browsing.qt._exporting import ExportStrip

DATA = "/RawData/Scan000/Detector000/Data0D/CH00/Data00"


@pytest.fixture
def scan(make_scan):
    return make_scan((3, 4), {"power": lambda index: float(sum(index))}, {"power": {"units": "mW"}})


def rows(window, parent=None) -> list[list[str]]:
    """What is seen of the tree below a row: the text of each column."""
    model = window.files.model
    above = QModelIndex() if parent is None else parent
    return [
        [model.data(model.index(row, column, above)) for column in range(model.columnCount())]
        for row in range(model.rowCount(above))
    ]


def top(window, place=0):
    return window.files.model.index(place, 0)


# The tree


def test_a_file_is_a_row_with_what_it_holds(window, opened, scan):
    opened(window, scan)
    ((name, title, shape, _, size, date),) = rows(window)
    assert (name, title, shape) == ("scan.h5", "PyMoDAQ file", "1 node")
    assert size.endswith("kB")
    assert date.startswith("20")
    assert [row[0] for row in rows(window, top(window))] == ["RawData"]


def test_groups_are_read_when_they_are_opened(qtbot, window, opened, scan):
    opened(window, scan)
    raw = window.files.model.index(0, 0, top(window))
    assert window.files.model.rowCount(raw) == 0
    assert window.files.model.hasChildren(raw)
    qtbot.keyClick(window.files.tree, Qt.Key.Key_Down)
    qtbot.keyClick(window.files.tree, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: len(rows(window, raw)) == 2 and rows(window, raw)[1][0] == "Scan000")
    assert rows(window, raw)[1][1:3] == ["Scan", "1 node"]


def test_going_to_a_node_opens_the_way_to_it_and_shows_it(window, opened, scan):
    chosen = []
    window.node_chosen.connect(chosen.append)
    opened(window, scan, DATA)
    assert chosen[-1] == DATA
    assert window.files.tree.current.row.units == "mW"
    assert window.files.tree.current.parent.parent.parent.row.shape == "12 of 12 points"
    assert DATA in window.windowTitle()
    shown = {
        window.details.attributes.topLevelItem(place).text(0)
        for place in range(window.details.attributes.topLevelItemCount())
    }
    assert {"path", "values", "stored", "units", "label"} <= shown


def test_a_group_of_many_nodes_is_read_some_at_a_time(qtbot, window, opened, tmp_path):
    with h5py.File(tmp_path / "many.h5", "w") as file:
        for number in range(1_200):
            file.create_group(f"all/{number:05d}")
    opened(window, tmp_path / "many.h5")
    group = window.files.model.index(0, 0, top(window))
    window.files.tree.expand(group)
    qtbot.waitUntil(lambda: len(rows(window, group)) == 501)
    assert rows(window, group)[-1][0] == "700 more …"
    scroll = window.files.tree.verticalScrollBar()
    scroll.setValue(scroll.maximum())
    qtbot.waitUntil(lambda: len(rows(window, group)) == 1_001)
    window.files.tree.go_to(window.sources[0], "/all/01150")
    qtbot.waitUntil(lambda: window.files.tree.current.row.path == "/all/01150")
    assert len(rows(window, group)) == 1_200


def test_several_files_are_shown_and_closed_by_key(qtbot, window, opened, scan, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.arange(3)
    opened(window, scan)
    opened(window, tmp_path / "other.h5")
    window.open(scan)  # which is open already
    assert [row[0] for row in rows(window)] == ["scan.h5", "other.h5"]
    window.files.tree.setCurrentIndex(top(window, 1))
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert [row[0] for row in rows(window)] == ["scan.h5"]


def test_files_are_dropped_on_the_window(qtbot, window, scan):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(scan))])
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(drop)
    qtbot.waitUntil(lambda: window.files.model.rowCount(top(window)) == 1)


# Search


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("power", {"/RawData/Scan000/Detector000/Data0D/CH00", DATA}),
        ("type:scan", {"/RawData/Scan000"}),
        ("units:mw power", {DATA}),
        ("attr:units=um label:x", {"/RawData/Scan000/Detector000/NavAxes/Axis00"}),
        ("nothing-of-that-name", set()),
    ],
)
def test_nodes_are_found_by_what_is_typed(qtbot, window, opened, scan, typed, found):
    opened(window, scan)
    qtbot.keyClicks(window.files.field, typed)
    qtbot.keyClick(window.files.field, Qt.Key.Key_Return)
    model = window.files.found
    qtbot.waitUntil(lambda: not model.is_searching)
    assert {model.data(model.index(row, 0)) for row in range(model.rowCount())} == found
    assert window.files.summary.text().startswith(f"{len(found)} node")


def test_what_was_found_is_shown_and_revealed_in_the_tree(qtbot, window, opened, scan):
    opened(window, scan)
    qtbot.keyClicks(window.files.field, "units:mw")
    qtbot.waitUntil(lambda: window.files.found.rowCount() == 1)
    index = window.files.found.index(0, 0)
    window.files.results.setCurrentIndex(index)
    assert window.chosen == (window.sources[0], DATA)
    window.files.results.activated.emit(index)
    qtbot.waitUntil(lambda: window.files.tree.current.row.path == DATA)
    assert not window.files.is_searching


# What can go wrong


@pytest.mark.parametrize("content", [b"", b"not HDF5 at all", b"\x89HDF\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_file_of_hdf5_is_a_row_with_the_reason(qtbot, window, tmp_path, content):
    path = tmp_path / "bad.h5"
    path.write_bytes(content)
    window.open(path)
    qtbot.waitUntil(lambda: bool(window.sources[0].reason))
    assert "bad.h5" in rows(window)[0][1]
    assert "bad.h5" in window.bar.text
    assert QApplication.activeModalWidget() is None


def test_a_file_that_is_not_there_opens_when_it_comes(qtbot, window, scan, tmp_path):
    source = window.open(tmp_path / "late.h5")
    qtbot.waitUntil(lambda: "late.h5" in source.reason)
    (tmp_path / "late.h5").write_bytes(scan.read_bytes())
    window.bar.button("Try again").click()
    qtbot.waitUntil(lambda: source.file is not None)
    assert source.reason == ""


def test_a_file_that_vanishes_is_let_go_and_told(qtbot, window, opened, scan):
    source = opened(window, scan, DATA)
    scan.unlink()
    qtbot.waitUntil(lambda: bool(source.reason))
    assert source.file is None
    assert window.chosen is None
    assert "scan.h5" in window.bar.text


def test_a_file_that_shrinks_is_told(qtbot, window, opened, scan):
    source = opened(window, scan, DATA)
    scan.write_bytes(scan.read_bytes()[:700])
    qtbot.waitUntil(lambda: bool(source.reason))
    assert source.file is None
    assert "scan.h5" in rows(window)[0][1]


def test_a_broken_link_is_a_row_with_the_reason(qtbot, window, opened, tmp_path):
    with h5py.File(tmp_path / "links.h5", "w") as file:
        file["gone"] = h5py.SoftLink("/nowhere")
        file["there"] = np.arange(3)
    source = opened(window, tmp_path / "links.h5")
    gone, there = rows(window, top(window))
    assert gone[0] == "gone"
    assert "nowhere" in gone[1]
    assert there[2] == "3"
    window.files.tree.go_to(source, "/gone")
    qtbot.waitUntil(lambda: window.chosen == (source, "/gone"))


def test_a_file_in_which_a_group_holds_itself_is_shown(qtbot, window, opened, tmp_path):
    with h5py.File(tmp_path / "ring.h5", "w") as file:
        file["a/b"] = file["/"]
    source = opened(window, tmp_path / "ring.h5")
    window.files.tree.go_to(source, "/a/b/a/b/a")
    qtbot.waitUntil(lambda: window.files.tree.current.row.path == "/a/b/a/b/a")


FAULTY = """
from h5modules.browsing.qt.views import View

class Faulty(View):
    title = "Faulty"

    @classmethod
    def priority(cls, subject):
        return 99

    def show_subject(self, subject):
        raise ZeroDivisionError("by a plug-in")

class Unaskable(Faulty):
    @classmethod
    def priority(cls, subject):
        raise KeyError("not there")
"""


@pytest.fixture
def faulty_views(tmp_path, monkeypatch):
    """Install a package of somebody else, with views that have mistakes."""
    info = tmp_path / "plug" / "faulty_views-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty-views\nVersion: 1.0\n")
    names = "faulty = faulty_views:Faulty\nunaskable = faulty_views:Unaskable\n"
    (info / "entry_points.txt").write_text(f"[h5modules.views]\n{names}")
    (tmp_path / "plug" / "faulty_views.py").write_text(FAULTY)
    monkeypatch.syspath_prepend(tmp_path / "plug")


def test_a_fault_of_a_view_is_told_and_the_others_go_on(window, opened, scan, faulty_views, caplog):
    told = []
    window.told.connect(told.append)
    opened(window, scan, DATA)
    assert window.stage.titles == ["Faulty", "Image", "Table", "Raw"]
    assert "The view 'Faulty' failed (ZeroDivisionError: by a plug-in)." in told
    assert sum("'unaskable' failed (KeyError" in each for each in told) == 1
    assert "by a plug-in" in caplog.text
    window.stage.choose(1)
    assert window.stage.view.image.image.image.shape == (3, 4)


# What is done


def test_a_node_is_exported_in_a_format_of_the_dialog(qtbot, window, opened, scan, tmp_path):
    source = opened(window, scan, DATA)
    with qtbot.waitSignal(window.exports.ended) as ended:
        window.actions_of.export(source, DATA, tmp_path / "power", "Binary NumPy format (*.npy)")
    assert ended.args == [str(tmp_path / "power.npy"), ""]
    assert np.load(tmp_path / "power.npy").shape == (3, 4)


def test_an_export_is_cancelled_and_leaves_nothing(qtbot, window, opened, tmp_path):
    with H5Backend.open(tmp_path / "large.h5", "w") as file:
        file.create_carray("/", "Large", np.zeros((600, 10_000)))
    source = opened(window, tmp_path / "large.h5", "/Large")
    target = tmp_path / "large.csv"
    window.exports.progressed.connect(lambda _: window.exports.cancel())
    with qtbot.waitSignal(window.exports.ended) as ended:
        window.actions_of.export(source, "/Large", target, "Comma-separated values (*.csv)")
    assert ended.args[1] is None
    assert [path.name for path in tmp_path.iterdir()] == ["large.h5"]


def test_an_export_that_was_cancelled_stays_so_when_another_is_started(qtbot, window, opened, tmp_path):
    with H5Backend.open(tmp_path / "large.h5", "w") as file:
        file.create_carray("/", "Large", np.zeros((600, 10_000)))
    source = opened(window, tmp_path / "large.h5", "/Large")
    ended, seen = [], []
    window.exports.ended.connect(lambda target, reason: ended.append((Path(target).name, reason)))
    strip = window.findChild(ExportStrip)

    def start(name: str) -> None:
        window.actions_of.export(source, "/Large", tmp_path / name, "Comma-separated values (*.csv)")

    def change_ones_mind(_: float) -> None:
        if not seen:
            strip.cancel.click()
            start("second.csv")
        seen.append(strip.isVisible())

    window.exports.progressed.connect(change_ones_mind)
    start("first.csv")
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=60_000)
    assert ended == [("first.csv", None), ("second.csv", "")]
    assert all(seen)
    assert not strip.isVisible()


def test_a_comment_is_written_and_the_file_shown_again(qtbot, window, opened, scan):
    source = opened(window, scan, DATA)
    qtbot.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(QInputDialog)
    dialog.setTextValue("laser was off")
    dialog.accept()
    qtbot.waitUntil(lambda: source.file is not None and source.jobs.is_idle)
    assert read_comments(source.file, DATA) == "laser was off"
    assert window.chosen == (source, DATA)


def test_the_python_line_loads_the_node(window, opened, scan):
    opened(window, scan, DATA)
    window.actions_of.by_name["copy_python"].trigger()
    names: dict = {}
    exec(QApplication.clipboard().text(), names)  # noqa: S102 - that it runs is what is tested
    assert names["data"].units == "mW"
    window.actions_of.by_name["copy_path"].trigger()
    assert QApplication.clipboard().text() == DATA


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_what_is_shown_is_saved_as_a_picture(window, opened, scan, tmp_path, ending, start):
    opened(window, scan, DATA)
    window.actions_of.save_picture(tmp_path / f"view.{ending}")
    assert (tmp_path / f"view.{ending}").read_bytes().startswith(start)
    window.actions_of.save_picture(tmp_path / "view.xyz")
    assert "view.xyz" in window.bar.text


# Sessions


def test_the_window_comes_back_as_it_was_left(qtbot, scan, tmp_path, opened):
    def session() -> Session:
        return Session(QSettings(str(tmp_path / "session.ini"), QSettings.Format.IniFormat))

    first = BrowserWindow(session())
    qtbot.addWidget(first)
    opened(first, scan, DATA)
    first.files.tree.header().resizeSection(0, 321)
    first.new_scans.follows.setChecked(False)
    first.close()
    second = BrowserWindow(session())
    qtbot.addWidget(second)
    second.restore()
    qtbot.waitUntil(lambda: second.chosen is not None and second.chosen[1] == DATA)
    assert second.files.tree.header().sectionSize(0) == 321
    assert not second.new_scans.follows.isChecked()
    assert second.session.recent == [str(scan)]
    second.close()


def test_a_window_closed_while_it_reads_waits_for_its_thread(qtbot, tmp_path):
    with h5py.File(tmp_path / "many.h5", "w") as file:
        for number in range(2_000):
            file.create_group(f"{number:05d}")
    shown = BrowserWindow()
    qtbot.addWidget(shown)
    shown.open(tmp_path / "many.h5")
    shown.close()
    with pytest.raises(NeverCame):
        qtbot.waitUntil(lambda: bool(shown.sources), timeout=50)
