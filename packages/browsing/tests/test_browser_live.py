"""The browser on files that another process writes, and kills; and as others embed it."""

from __future__ import annotations

import os
import subprocess
import sys

import h5py
import numpy as np
import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QDialog, QDialogButtonBox, QMainWindow, QWidget

from h5modules.backends import FileState, file_status
from h5modules.browsing import H5Browser, browse_data
from h5modules.browsing.qt import BrowserWindow
from h5modules.saving import H5SaverLowLevel

WRITER = """
import sys
import numpy as np
from pymodaq_data.data import DataRaw, DataToExport
from h5modules.data_saving import DataToExportExtendedSaver, DataToExportTimedSaver
from h5modules.saving import H5SaverLowLevel

file = H5SaverLowLevel.from_file(sys.argv[1])
scan, log = file.add_scan_group(title='Map'), file.get_set_group('/RawData', 'Log000')
points, rows = DataToExportExtendedSaver(file, (5, 6)), DataToExportTimedSaver(file)
done = 0
print('ready', flush=True)
for line in sys.stdin:
    if line.strip() == 'close':
        file.close_file()
        break
    if line.strip() == 'scan':
        file.add_scan_group(title='Next')
        file.flush()
    else:
        for _ in range(int(line)):
            power = DataToExport('point', data=[DataRaw('power', data=[np.array([done + 1.0])])])
            points.add_data(scan, power, divmod(done, 6))
            rows.add_data(log, power)
            done += 1
    print(done, flush=True)
"""

POWER = "/RawData/Scan000/Data0D/CH00/Data00"


class Writer:
    """A process that writes a scan and a log, as it is told."""

    def __init__(self, path):
        command = [sys.executable, "-c", WRITER, str(path)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == "ready"

    def do(self, what) -> None:
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        if what != "close":
            self.process.stdout.readline()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def writer(tmp_path):
    writing = Writer(tmp_path / "live.h5")
    writing.do(3)
    yield writing
    writing.end()


# Files that are written


def test_points_rate_and_state_are_told_while_a_scan_is_written(qtbot, window, opened, writer, tmp_path):
    source = opened(window, tmp_path / "live.h5", POWER)
    came = []
    window.watch.points_came.connect(lambda _, new: came.extend(new.indexes))
    qtbot.waitUntil(lambda: "3 of 30 points" in window.live.text)
    assert "being written" in window.live.text
    writer.do(4)
    qtbot.waitUntil(lambda: "7 of 30 points" in window.live.text and "per second" in window.live.text)
    assert came == [divmod(number, 6) for number in range(3, 7)]
    assert source.file.get_node(POWER)[1, 0] == 7.0
    writer.do("close")
    qtbot.waitUntil(lambda: "ended, incomplete" in window.live.text)
    assert source.seen.state is FileState.FINISHED


def test_rows_of_a_log_come_too(qtbot, window, opened, writer, tmp_path):
    node = "/RawData/Log000/Data0D/CH00/EnlData00"
    source = opened(window, tmp_path / "live.h5", node)
    came = []
    window.watch.points_came.connect(lambda _, new: came.extend(new.indexes))
    writer.do(5)
    qtbot.waitUntil(lambda: came == [(number,) for number in range(3, 8)])
    assert source.file.get_node(node)[7] == 8.0


def test_another_view_shows_a_scan_and_a_log_as_they_are_by_now(qtbot, window, opened, writer, tmp_path):
    def log() -> list[float]:
        values = window.stage.view._plot.listDataItems()[0].yData
        return values[np.isfinite(values)].tolist()

    opened(window, tmp_path / "live.h5", POWER)
    writer.do(4)
    qtbot.waitUntil(lambda: window.stage.view.image.image.image[1, 0] == 7.0)
    window.stage.choose(window.stage.titles.index("Table"))
    window.stage.choose(window.stage.titles.index("Image"))
    assert window.stage.view.image.image.image[1, 0] == 7.0
    node = "/RawData/Log000/Data0D/CH00/EnlData00"
    window.files.tree.go_to(window.sources[0], node)
    qtbot.waitUntil(lambda: window.chosen == (window.sources[0], node))
    writer.do(5)
    qtbot.waitUntil(lambda: log() == list(range(1, 13)))
    window.stage.choose(window.stage.titles.index("Table"))
    window.stage.choose(window.stage.titles.index("Curves"))
    assert window.bar.text == ""
    assert log() == list(range(1, 13))


def test_points_of_one_scan_are_not_put_into_another(qtbot, window, opened, writer, tmp_path):
    source = opened(window, tmp_path / "live.h5", POWER)
    came = []
    window.watch.points_came.connect(lambda _, new: came.append(new.where))
    window.watch.stop()
    qtbot.waitUntil(lambda: source.jobs.is_idle)
    came.clear()
    writer.do(2)
    source.reopen()
    window.watch._read(source)  # a look is under way when somebody chooses the log
    window.show_node(source, "/RawData/Log000/Data0D/CH00/EnlData00")
    qtbot.waitUntil(lambda: source.jobs.is_idle)
    assert came == []


def test_what_is_added_comes_into_the_tree(qtbot, window, opened, writer, tmp_path):
    opened(window, tmp_path / "live.h5", "/RawData/Scan000")
    model = window.files.model
    raw = model.index(0, 0, model.index(0, 0))
    window.files.tree.expand(model.index_of(window.files.tree.current))
    writer.do("scan")
    qtbot.waitUntil(
        lambda: "Scan001" in [model.data(model.index(n, 0, raw)) for n in range(model.rowCount(raw))]
    )
    assert window.files.tree.current.row.path == "/RawData/Scan000"
    assert window.files.tree.isExpanded(window.files.tree.currentIndex())


def test_a_killed_writer_is_told_and_the_file_recovered(qtbot, window, opened, writer, tmp_path):
    path = tmp_path / "live.h5"
    source = opened(window, path, POWER)
    writer.end()
    qtbot.waitUntil(lambda: "ended without closing" in window.bar.text)
    window.bar.button("Copy the command that resumes").click()
    assert QApplication.clipboard().text() == f'h5modules scan resume "{path}"'
    window.bar.button("Recover").click()
    qtbot.waitUntil(lambda: "whole" in window.bar.text and source.file is not None)
    assert file_status(path).state is FileState.FINISHED
    window.close_file(source)
    with h5py.File(path) as raw:
        assert np.isnan(raw[POWER][4, 5])


def test_a_comment_on_a_file_that_is_written_is_refused_in_the_bar(qtbot, window, opened, writer, tmp_path):
    source = opened(window, tmp_path / "live.h5", POWER)
    window.actions_of.comment(source, POWER, "too early")
    qtbot.waitUntil(lambda: "live.h5" in window.bar.text and source.file is not None)
    assert QApplication.activeModalWidget() is None


# As others embed it


@pytest.fixture
def scan(make_scan):
    return make_scan((3, 4), {"power": lambda index: float(sum(index))})


SCAN = "/RawData/Scan000/Detector000/Data0D/CH00/Data00"


@pytest.mark.parametrize("kind", [QMainWindow, QWidget])
def test_it_lies_in_the_window_of_somebody_else(qtbot, scan, kind):
    parent = kind()
    qtbot.addWidget(parent)
    browser = H5Browser(parent, h5file_path=scan)
    parent.show()
    qtbot.waitUntil(lambda: browser.source.file is not None)
    with qtbot.waitSignal(browser.data_node_signal, check_params_cb=lambda path: path == SCAN):
        browser.show_node(SCAN)
    assert browser.current_node_path == browser.get_tree_node_path() == SCAN
    assert browser.window.isVisible()
    browser.quit_fun()


def test_a_file_that_is_open_for_writing_is_shown(qtbot, tmp_path):
    parent = QMainWindow()
    qtbot.addWidget(parent)
    with H5SaverLowLevel.from_file(tmp_path / "open.h5") as saver:
        saver.add_scan_group(title="First")
        for given in (saver, saver.h5file):
            browser = H5Browser(parent, h5file=given)
            qtbot.waitUntil(lambda: browser.source.file is not None)  # noqa: B023
            browser.show_node("/RawData/Scan000")
            qtbot.waitUntil(lambda: browser.current_node_path == "/RawData/Scan000")  # noqa: B023
            browser.quit_fun()


@pytest.mark.parametrize("button", ["Ok", "Cancel"])
def test_the_data_of_the_node_that_is_chosen_come_back(qtbot, scan, button):
    def choose() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        window = dialog.findChild(BrowserWindow)
        qtbot.waitUntil(lambda: window.sources[0].file is not None)
        window.files.tree.go_to(window.sources[0], SCAN)
        qtbot.waitUntil(lambda: window.chosen is not None and window.chosen[1] == SCAN)
        which = QDialogButtonBox.StandardButton[button]
        dialog.findChild(QDialogButtonBox).button(which).click()

    QTimer.singleShot(50, choose)
    data, name, path = browse_data(scan, ret_all=True, message="Choose")
    assert name == str(scan)
    if button == "Ok":
        assert path == SCAN
        assert data[0].shape == (3, 4)
    else:
        assert (data, path) == (None, None)


def test_the_program_starts_and_ends(tmp_path, scan):
    code = f"""
import sys
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication
app = QApplication([])
from h5modules.browsing.qt import BrowserWindow, browse
def end():
    (window,) = (each for each in app.topLevelWidgets() if isinstance(each, BrowserWindow))
    if window.chosen is None:
        QTimer.singleShot(20, end)
        return
    print(window.chosen[1], flush=True)
    window.close()
QTimer.singleShot(0, end)
sys.exit(browse([{str(scan)!r}]))
"""
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout.strip()) == (0, "/"), done.stderr
