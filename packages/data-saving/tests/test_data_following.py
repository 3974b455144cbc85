"""Reading what another process writes, while it does."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import FileMissingError, FileState, file_status
from h5modules.data_saving import DataNodeError, follow, read_steadily
from h5modules.saving import recover

WRITER = """
import sys, time
import numpy as np
from pymodaq_data.data import DataRaw, DataToExport
from h5modules.data_saving import DataToExportExtendedSaver, DataToExportTimedSaver
from h5modules.saving import H5SaverLowLevel

path, kind, pause, close = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4] == 'close'
file = H5SaverLowLevel.from_file(path)
print('open', flush=True)
sys.stdin.readline()
group = file.get_set_group('/RawData', 'Scan000')
saver = DataToExportExtendedSaver(file, (5, 6)) if kind == 'scan' else DataToExportTimedSaver(file)
for number in range(30):
    power = DataRaw('power', data=[np.array([number + 1.0])])
    frame = DataRaw('frame', data=[np.full((8, 8), number, 'u2')])
    point = DataToExport('point', data=[power, frame])
    row = divmod(29 - number, 6)  # backwards
    saver.add_data(group, point, row) if kind == 'scan' else saver.add_data(group, point)
    if number == 12:
        file.add_scan_group()  # the structure changes meanwhile
        file.add_log('on the way')
    time.sleep(pause)
if close:
    file.close_file()
else:
    print('done', flush=True)
    time.sleep(60)
"""


@pytest.fixture
def start(tmp_path):
    """Start writers in processes of their own."""
    started = []

    def start_one(path: Path, kind: str, pause: float, close: bool) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, str(path), kind, str(pause), "close" if close else "stay"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "open"
        return process

    yield start_one
    for process in started:
        process.kill()
        process.communicate()


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.parametrize("kind", ["scan", "log"])
def test_points_come_once_each_in_the_order_of_acquisition(start, tmp_path, kind):
    path = tmp_path / "live.h5"
    process = start(path, kind, 0.01, close=True)
    go(process)
    seen, states, last = [], [], None
    for new in follow(path, "/RawData/Scan000"):
        for index, point in new.points():
            seen.append(index)
            number = len(seen) - 1
            values = {data.name: data for data in point.data}
            assert values["power"][0].tolist() == [number + 1.0]
            assert (values["frame"][0] == number).all()
        states.append(new.state)
        last = new
    expected = (
        [divmod(29 - number, 6) for number in range(30)] if kind == "scan" else [(n,) for n in range(30)]
    )
    assert seen == expected
    assert (last.acquired, last.total) == (30, 30 if kind == "scan" else None)
    assert FileState.RUNNING in states
    assert process.wait(10) == 0


def test_a_writer_that_dies_ends_it(start, tmp_path):
    path = tmp_path / "live.h5"
    process = start(path, "scan", 0.01, close=False)
    go(process)
    seen, state = 0, None
    for new in follow(path, "/RawData/Scan000"):
        seen, state = seen + len(new.indexes), new.state
        if seen > 10:
            process.kill()
            process.wait()
    assert 10 < seen <= 30
    assert state in (FileState.INTERRUPTED, FileState.RUNNING)
    with h5py.File(path) as raw:  # plain h5py sees every acknowledged point, before anything is recovered
        assert np.count_nonzero(raw["RawData/Scan000/Data0D/CH00/Data00"]) >= seen
    recover(path)
    assert sum(len(new.indexes) for new in follow(path, "/RawData/Scan000")) == seen


def test_plain_h5py_and_many_readers_do_not_hold_up_the_writer(start, tmp_path):
    path = tmp_path / "live.h5"
    process = start(path, "scan", 0.02, close=False)
    go(process)
    counts, deadline = [], time.monotonic() + 20
    while time.monotonic() < deadline and (not counts or counts[-1] < 30):
        try:
            with h5py.File(path) as raw:
                array = raw.get("RawData/Scan000/Data0D/CH00/Data00")
                counts.append(0 if array is None else int(np.count_nonzero(array[...])))
        except OSError:  # the moment in which a structure change is applied
            time.sleep(0.001)
    assert counts == sorted(counts)
    assert counts[-1] == 30
    assert process.stdout.readline().strip() == "done"


def test_what_cannot_be_followed(start, tmp_path):
    with pytest.raises(FileMissingError):
        next(follow(tmp_path / "none.h5", "/RawData"))
    path = tmp_path / "live.h5"
    process = start(path, "scan", 0.01, close=True)
    with pytest.raises(DataNodeError, match="no scan or log"):
        next(follow(path, "/RawData/Scan000", patience=0.1))  # the writer has not begun
    process.kill()
    process.wait()
    with pytest.raises(DataNodeError, match="no scan or log"):
        next(follow(path, "/RawData/Scan000"))


PEER = """
import sys, time
from pathlib import Path
import numpy as np
from pymodaq_data.data import DataRaw, DataToExport
from pymodaq_data.h5modules.data_saving import DataToExportExtendedSaver
from pymodaq_data.h5modules.saving import H5SaverLowLevel

saver = H5SaverLowLevel('scan', 'h5py')
saver.init_file(Path(sys.argv[1]), new_file=True, swmr_mode=True)
saver._swmr_mode = False  # it is begun below, when all structure is there
scan = saver.add_scan_group()
detector = saver.add_det_group(scan, 'Det')
times = saver.get_set_group(scan, 'Timestamps')
points = DataToExportExtendedSaver(saver, (4, 5))
clock = DataToExportExtendedSaver(saver, (4, 5), fill_value=np.nan)
for number in range(20):
    index = divmod(number, 5)
    power = DataRaw('power', origin='Det', data=[np.array([number + 1.0])])
    points.add_data(detector, DataToExport('point', data=[power]), index)
    now = DataRaw('ElapsedTime', data=[np.array([number / 10], np.float32)])
    clock.add_data(times, DataToExport('Timestamps', data=[now]), index)
    saver.flush()
    if number == 0:
        saver._swmr_mode = True
        saver.enable_swmr()
    if number == 3:
        print('open', flush=True)
    time.sleep(0.05)
print('done', flush=True)
if sys.argv[2] == 'close':
    saver.close_file()
else:
    time.sleep(60)
"""


def test_a_scan_that_pymodaq_writes_in_swmr_mode(tmp_path):
    path = tmp_path / "peer.h5"
    process = subprocess.Popen(
        [sys.executable, "-c", PEER, str(path), "close"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline().strip() == "open"
        assert file_status(path).state is FileState.RUNNING
        seen, states = [], set()
        for new in follow(path, "/RawData/Scan000"):
            states.add(new.state)
            for index, point in new.points():
                seen.append(index)
                power = next(data for data in point.data if data.name == "power")
                assert power[0].tolist() == [len(seen)]
        assert seen == [divmod(number, 5) for number in range(20)]
        assert FileState.RUNNING in states
        assert file_status(path).state is FileState.FINISHED
    finally:
        process.kill()
        process.communicate()


RESTLESS = """
import sys
from h5modules.backends import H5Backend
with H5Backend.open(sys.argv[1], 'w') as file:
    groups = [file.get_set_group('/', name, number=0) for name in ('One', 'Two')]
    file.flush()
    print('open', flush=True)
    for number in range(1, 100_000):
        for group in groups:
            group.attrs['number'] = number
            group.attrs['again'] = [number] * 200
        file.get_set_group('/', f'Group{number % 40}')
        if number % 40 == 39:
            for name in file.root().children_name():
                if name.startswith('Group'):
                    file.remove_node(f'/{name}')
        file.flush()
"""


def test_what_crosses_a_change_of_the_structure_is_read_again(tmp_path):
    path = tmp_path / "restless.h5"
    process = subprocess.Popen([sys.executable, "-c", RESTLESS, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().strip() == "open"

        def look(loader):
            nodes = [loader.get_node(name) for name in ("/One", "/Two")]
            return [(node.attrs["number"], *set(node.attrs.get("again", []))) for node in nodes]

        seen = []
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            one, two = read_steadily(path, look)
            assert one == two
            assert len({*one}) == 1
            seen.append(one[0])
        assert seen == sorted(seen)
        assert len(set(seen)) > 2
    finally:
        process.kill()
        process.communicate()
