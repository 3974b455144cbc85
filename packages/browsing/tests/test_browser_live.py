"""The browser on files that another process writes, and kills; and as others embed it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QDialog, QDialogButtonBox, QMainWindow, QWidget

from h5modules.backends import FileState, file_status
from h5modules.browsing import H5Browser, browse_data
from h5modules.browsing.qt import BrowserWindow
from h5modules.data_saving import DataSaverLoader
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
        scan, done = file.add_scan_group(title='Next'), 0
        points = DataToExportExtendedSaver(file, (5, 6))
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


NEXT = POWER.replace("Scan000", "Scan001")


@pytest.fixture
def flat(tmp_path):
    """A finished file with a map of ones, to compare with."""
    with h5py.File(tmp_path / "flat.h5", "w") as raw:
        raw["map"] = np.ones((5, 6))
    return tmp_path / "flat.h5"


@pytest.mark.parametrize("is_first", [True, False])
def test_a_map_that_is_compared_follows_its_points(qtbot, window, opened, writer, flat, tmp_path, is_first):
    live, other = opened(window, tmp_path / "live.h5", POWER), opened(window, flat)
    nodes = [(live, POWER), (other, "/map")]
    window.compare(nodes if is_first else nodes[::-1])
    view = window.stage.view
    view.images[2].plot.setRange(xRange=(0, 2), yRange=(0, 2), padding=0)
    writer.do(4)
    sign = -1 if is_first else 1
    qtbot.waitUntil(lambda: view.images[2].image.image[1, 0] == sign * 6)
    assert view.images[not is_first].image.image[1, 0] == 7
    assert np.isnan(view.images[2].image.image[1, 1])
    sight = view.images[2].plot.viewRect()
    assert (sight.top(), sight.bottom(), sight.center().x()) == pytest.approx((0, 2, 1))


LOG = "/RawData/Log000/Data0D/CH00/EnlData00"


def known(plot) -> int:
    return int(np.isfinite(plot.listDataItems()[0].yData).sum())


def in_sight(plot) -> bool:
    (left, right), (low, high) = plot.viewRange()
    curves = [(item.xData, item.yData) for item in plot.listDataItems()]
    return all(left <= np.nanmin(x) and np.nanmax(x) <= right for x, _ in curves) and all(
        low <= np.nanmin(y) and np.nanmax(y) <= high for _, y in curves
    )


def require_followed(qtbot, plot, writer):
    """Make sure that new points of a log come into sight, and that what was zoomed to then stays."""
    writer.do(20)
    qtbot.waitUntil(lambda: known(plot) == 23)
    assert in_sight(plot)
    plot.setRange(yRange=(0, 1), padding=0)
    sight = plot.viewRange()
    writer.do(7)
    qtbot.waitUntil(lambda: known(plot) == 30)
    assert plot.viewRange() == sight


def test_curves_that_are_compared_follow_their_points(qtbot, window, opened, writer, tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "other.h5") as file:
        group = file.add_generic_group(group_type="data")
        axis = Axis("time", "ms", 1000 * (time.time() + np.arange(3.0)))
        DataSaverLoader(file).add_data(group, DataRaw("power", data=[np.ones(3)], axes=[axis]))
    live, other = opened(window, tmp_path / "live.h5", LOG), opened(window, tmp_path / "other.h5")
    window.compare([(live, LOG), (other, f"{group.path}/Data00")])
    plot = window.stage.view.plot
    require_followed(qtbot, plot, writer)
    assert "places from ms to s" in window.stage.view._told.text()


def test_a_curve_that_grows_stays_in_sight(qtbot, window, opened, writer, tmp_path):
    opened(window, tmp_path / "live.h5", LOG)
    plot = window.stage.view._plot
    require_followed(qtbot, plot, writer)


def test_a_view_of_one_node_takes_no_points_of_another(qtbot, window, opened, writer, flat, tmp_path):
    live, other = opened(window, tmp_path / "live.h5", POWER), opened(window, flat)
    window.compare([(other, "/map"), (live, POWER)])
    window.stage.choose(window.stage.titles.index("Image"))
    came = []
    window.watch.points_came.connect(lambda _, new: came.extend(new.indexes))
    writer.do(2)
    qtbot.waitUntil(lambda: len(came) == 2)
    assert (window.stage.view.image.image.image == 1).all()
    assert window.bar.text == ""


def test_the_next_scan_is_shown_in_place_of_the_one_that_was_watched(qtbot, window, opened, writer, tmp_path):
    source = opened(window, tmp_path / "live.h5", POWER)
    for node in (NEXT, NEXT.replace("Scan001", "Scan002")):
        writer.do(2)
        qtbot.waitUntil(lambda: window._is_watched)
        writer.do("scan")
        writer.do(3)
        qtbot.waitUntil(lambda: window.chosen == (source, node))  # noqa: B023
        assert window.files.tree.current.row.path == node
        assert not window.new_scans.button.isVisible()
    qtbot.waitUntil(lambda: window.stage.view.image.image.image[0, 2] == 3.0)
    writer.do(2)
    qtbot.waitUntil(lambda: window.stage.view.image.image.image[0, 4] == 5.0)


@pytest.mark.parametrize("does", ["look", "not want it"])
def test_the_next_scan_is_offered_to_those_who(qtbot, window, opened, writer, tmp_path, does):
    source = opened(window, tmp_path / "live.h5", POWER)
    qtbot.waitUntil(lambda: "3 of 30 points" in window.live.text)
    if does == "not want it":
        window.new_scans.follows.setChecked(False)
        writer.do(2)
        qtbot.waitUntil(lambda: window._is_watched)
    writer.do("scan")
    writer.do(3)
    qtbot.waitUntil(window.new_scans.button.isVisible)
    assert window.chosen == (source, POWER)
    assert window.new_scans.button.text() == "Show Scan001"
    window.new_scans.button.click()
    qtbot.waitUntil(lambda: window.chosen == (source, NEXT))
    qtbot.waitUntil(lambda: not window.new_scans.button.isVisible())


def test_a_scan_without_data_is_shown_when_its_first_point_comes(qtbot, window, opened, writer, tmp_path):
    writer.do("scan")
    source = opened(window, tmp_path / "live.h5", "/RawData/Scan001")
    assert window.stage.view is None
    writer.do(2)
    qtbot.waitUntil(lambda: window.stage.view is not None)
    writer.do(2)
    qtbot.waitUntil(lambda: window.stage.view.image.image.image[0, 3] == 4.0)
    assert window.chosen == (source, "/RawData/Scan001")


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


def test_ctrl_c_in_the_terminal_closes_the_window(tmp_path, scan):
    code = f"""
import signal, sys
from qtpy.QtCore import QTimer
from h5modules.browsing.qt import browse
from qtpy.QtWidgets import QApplication
app = QApplication([])
signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may run where it is ignored
QTimer.singleShot(0, lambda: signal.raise_signal(signal.SIGINT))
code = browse([{str(scan)!r}])
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
sys.exit(code)
"""
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_it_says_what_to_do():
    shows = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in shows}
    code = "from h5modules.browsing.qt import browse; browse()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert "DisplayMissingError: there is no display" in done.stderr
