"""One file, several threads that save to it: what was acknowledged is in the file."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.backends import ArrayTypeError
from h5modules.data_saving import DataLoader, DataSaverLoader, DataToExportSaver, DataToExportTimedSaver
from h5modules.module_saving import LoggerSaver, ScanSaver
from h5modules.saving import H5SaverLowLevel

THREADS, TIMES = 4, 25


class Device:
    def __init__(self, title):
        self.title = title

    def settings_xml(self):
        return ""


class Compound(Device):
    def __init__(self, title):
        super().__init__(title)
        self.detectors, self.actuators = [Device("Diode")], []


@pytest.fixture(autouse=True)
def _threads_take_turns_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def h5saver(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as opened:
        yield opened


def point(value):
    return DataToExport("point", data=[DataRaw("power", origin="Diode", data=[np.array([float(value)])])])


def in_threads(job):
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(job, range(THREADS)))


def test_rows_of_one_log_come_one_behind_the_other(h5saver):
    saver = LoggerSaver(Compound("Log"), h5saver)
    group = saver.get_set_node(new=True)

    def log(name):
        for number in range(TIMES):
            saver.add_data(point(TIMES * name + number))

    in_threads(log)
    (loaded,) = DataLoader(h5saver).load_all(group, DataToExport("all")).data
    assert sorted(loaded[0]) == list(range(THREADS * TIMES))


def test_a_log_that_threads_begin_at_once_has_every_first_row(h5saver):
    for number in range(20):
        group = h5saver.add_det_group("/RawData", title=f"{number}")
        saver = DataToExportTimedSaver(h5saver)
        in_threads(lambda name, saver=saver, group=group: saver.add_data(group, point(name)))
        assert sorted(saver.get_node(f"{group.path}/Data0D/CH00/EnlData00").read()) == list(range(THREADS))


def test_two_savers_of_one_log(h5saver):
    savers = [DataToExportTimedSaver(h5saver) for _ in range(THREADS)]
    group = h5saver.add_det_group("/RawData")

    def log(name):
        for number in range(TIMES):
            savers[name].add_data(group, point(TIMES * name + number))

    in_threads(log)
    rows = h5saver.get_node(f"{group.path}/Data0D/CH00/EnlData00").read()
    assert sorted(rows) == list(range(THREADS * TIMES))


def test_points_of_one_scan(h5saver):
    saver = ScanSaver(Compound("Map"), h5saver)
    saver.set_scan_shape((THREADS, TIMES))
    group = saver.get_set_node(new=True)

    def scan(row):
        for _ in range(2):  # each point twice: while it is written again it counts as not acquired
            for column in range(TIMES):
                saver.add_data(point(TIMES * row + column), indexes=(row, column))

    in_threads(scan)
    values = h5saver.get_node(f"{group.path}/Detector000/Data0D/CH00/Data00").read()
    assert values.ravel().tolist() == list(range(THREADS * TIMES))
    record = h5saver.get_node(f"{group.path}/Acquired").read()
    assert len(set(record.ravel())) == record.size
    assert record.min() > 0


def test_signals_saved_in_one_group_have_a_number_each(h5saver):
    group = h5saver.add_ch_group("/RawData")
    saver = DataSaverLoader(h5saver)

    def save(name):
        for number in range(TIMES):
            saver.add_data(group, DataRaw("power", data=[np.array([float(TIMES * name + number)])]))

    in_threads(save)
    saved = [node.read()[0] for name, node in group.iter_children() if name.startswith("Data")]
    assert sorted(saved) == list(range(THREADS * TIMES))


def test_what_cannot_be_saved_takes_nothing_of_another_thread_away(h5saver):
    made = []
    texts = DataToExport(
        "x", data=[DataRaw("a", data=[np.array([1.0])]), DataRaw("b", data=[np.array(["x"])])]
    )

    def save(name):
        saver = DataToExportSaver(h5saver)
        for number in range(10):
            group = h5saver.add_det_group("/RawData", title=f"{name} {number}")
            if name % 2:
                with suppress(ArrayTypeError):
                    saver.add_data(group, texts)
            else:
                saver.add_data(group, point(number))
                made.append((group.path, number))

    in_threads(save)
    assert len(made) == THREADS // 2 * 10
    for path, number in made:
        assert h5saver.get_node(f"{path}/Data0D/CH00/Data00").read().tolist() == [number]
