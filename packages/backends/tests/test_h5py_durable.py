"""What a file of h5py outlives: kills at random, a full disk, Ctrl-C, the end of the interpreter."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import (
    ArrayIndexError,
    ArraySpec,
    DiskSpaceError,
    Driver,
    Durability,
    FileError,
    FileState,
    NodeError,
    SupportsTruncation,
    UnsupportedError,
    file_status,
    get_driver,
    recover,
)
from h5modules.backends._interrupts import uninterrupted

FLOATS = np.dtype("f8")
KILLS = int(os.environ.get("H5MODULES_KILLS", "6"))

WRITER = """
import sys
import numpy as np
from h5modules.backends import ArraySpec, get_driver
file = get_driver('h5py').open(sys.argv[1], 'w')
file.create_array('/log', ArraySpec((0, 3), np.dtype('f8'), enlargeable=True, chunks=(8, 3)))
file.create_array('/packed', ArraySpec((0,), np.dtype('i8'), enlargeable=True, checksum=True))
log, packed = file.appender('/log'), file.appender('/packed')
for scan in range(10_000):
    path = f'/Scan{scan:03d}'
    file.create_group(path)
    file.create_array(f'{path}/image', ArraySpec((4, 40, 40), np.dtype('f8'), placed=True))
    file.create_array(f'{path}/record', ArraySpec((4,), np.dtype('u4'), placed=True))
    file.write_attributes(path, {'title': path})
    image, record = file.writer(f'{path}/image'), file.writer(f'{path}/record')
    for point in range(4):
        image.write((point,), np.full((40, 40), scan + point / 10))
        record.write((point,), np.array(point + 1, 'u4'))
        print('point', scan, point, flush=True)
    log.append(np.full(3, float(scan)))
    packed.append(np.array(scan))
    print('row', scan, scan, flush=True)
    if scan % 5 == 4:
        file.delete(f'/Scan{scan - 4:03d}')
        print('gone', scan - 4, 0, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scan.h5"


@pytest.fixture
def driver(path: Path) -> Iterator[Driver]:
    opened = get_driver("h5py").open(path, "w")
    yield opened
    opened.close()


def killed_writer(path: Path, seconds: float) -> list[tuple[str, int, int]]:
    """Kill a writer after some seconds of writing; return what it acknowledged."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    time.sleep(seconds)
    process.kill()
    rest, _ = process.communicate()
    whole = [line.split() for line in [*lines, *rest.splitlines(keepends=True)] if line.endswith("\n")]
    return [(what, int(scan), int(number)) for what, scan, number in whole]


def require_all(file: Driver, done: list[tuple[str, int, int]]) -> None:
    gone = {scan for what, scan, _ in done if what == "gone"}
    # What was to be deleted next may be gone, or not.
    scans = {scan for what, scan, _ in done if what == "point"} - gone
    unsure = {scan for scan in scans if scan + 4 <= max(scans) and scan % 5 == 0}
    for what, scan, number in done:
        if what == "point" and scan in scans - unsure:
            assert (file.read(f"/Scan{scan:03d}/image", number) == scan + number / 10).all()
            assert file.read(f"/Scan{scan:03d}/record", number) == number + 1
    rows = sum(what == "row" for what, _, _ in done)
    np.testing.assert_array_equal(file.read("/log", (slice(0, rows), 0)), np.arange(float(rows)))
    np.testing.assert_array_equal(file.read("/packed", slice(0, rows)), np.arange(rows))


@pytest.mark.parametrize("kill", range(KILLS))
def test_nothing_acknowledged_is_lost(path: Path, kill: int) -> None:
    done = killed_writer(path, random.Random(kill).uniform(0, 0.5))
    assert file_status(path).state is FileState.INTERRUPTED
    for mode in ("r", "r+"):
        file = get_driver("h5py").open(path, mode)  # type: ignore[arg-type]
        require_all(file, done)
        file.close()
    assert recover(path).was_whole


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    head = "import os, sys\nimport numpy as np\nfrom h5modules.backends import *\nFLOATS = np.dtype('f8')\n"
    command = [sys.executable, "-c", head + code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_an_interpreter_that_ends_with_files_open(path: Path) -> None:
    code = """
file = get_driver('h5py').open(sys.argv[1], 'w')
file.create_array('/data', ArraySpec((3,), FLOATS), np.arange(3.0))
file.create_array('/log', ArraySpec((0,), FLOATS, enlargeable=True))
file.appender('/log').append(np.array(1.0))
"""
    done = run(code, path)
    assert (done.returncode, done.stderr) == (0, "")
    assert file_status(path).state is FileState.FINISHED
    with h5py.File(path) as raw:
        assert raw["data"][...].tolist() == [0, 1, 2]
        assert raw["log"][...].tolist() == [1]


def test_ctrl_c_waits_for_the_end_of_the_outermost_block() -> None:
    done = []

    def press() -> None:
        with uninterrupted():
            with uninterrupted():
                signal.raise_signal(signal.SIGINT)
            done.append("the inner one ended")

    with pytest.raises(KeyboardInterrupt):
        press()
    assert done


def test_ctrl_c_at_any_moment(path: Path) -> None:
    code = """
import signal
armed = False

def press(*_):
    global armed
    if armed:  # once, and not where this program has no answer to it
        armed = False
        signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGALRM, press)
file = get_driver('h5py').open(sys.argv[1], 'w')
stopped = number = 0
signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
while stopped < 50:
    try:
        armed = True
        if file.kind(f'/group{number}') is None:
            file.create_group(f'/group{number}')
        file.write_attributes(f'/group{number}', {'title': 'x' * 1000})
        file.flush()
        file.problem('/group0'), file.child_names('/'), file.read_attribute('/group0', 'title')
        number += 1
        os.write(1, b'%d ' % number)  # whole: print can be stopped before the end of its line
        armed = False
    except KeyboardInterrupt:
        stopped += 1
signal.setitimer(signal.ITIMER_REAL, 0)
file.close()
"""
    done = run(code, path)
    assert done.returncode == 0, done.stderr
    acknowledged = int((done.stdout.split() or ["0"])[-1])
    with h5py.File(path) as raw:
        for number in range(acknowledged):
            assert raw[f"group{number}"].attrs["title"] == "x" * 1000


@pytest.mark.parametrize("checksum", [False, True], ids=["one piece", "chunks"])
def test_a_disk_that_is_full(path: Path, checksum: bool) -> None:
    code = """
import resource
file = get_driver('h5py').open(sys.argv[1], 'w')
file.create_array('/before', ArraySpec((1000,), FLOATS), np.arange(1000.0))
file.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
spec = ArraySpec((100_000,), FLOATS, checksum=sys.argv[2] == 'True')
try:
    file.create_array('/large', spec, np.random.default_rng(0).random(100_000))
except FileError as error:
    print('refused', flush=True)
print(file.read('/before').sum(), file.child_names('/'))
try:
    file.close()
except FileError:
    print('kept as it was')
"""
    done = run(code, path, checksum)
    assert done.stdout.splitlines()[:2] == ["refused", "499500.0 ['before']"], done.stderr
    with h5py.File(path, "r") as raw:
        assert raw["before"][...].tolist() == list(range(1000))
        assert sorted(raw) == ["before"]
    get_driver("h5py").open(path, "r+").close()
    assert recover(path).was_whole


def test_an_array_that_does_not_fit_is_refused(path: Path, driver: Driver) -> None:
    free = shutil.disk_usage(path.parent).free
    half = ArraySpec((free // 8 // 10 * 6,), FLOATS, placed=True)
    driver.create_array("/one", half)
    driver.writer("/one").write((0,), np.array(1.0))
    with pytest.raises(DiskSpaceError, match=rf"/two.* takes {half.size:,} bytes.*check_space=False"):
        driver.create_array("/two", half)
    assert driver.child_names("/") == ["one"]
    driver.close()
    again = get_driver("h5py").open(path, "r+", check_space=False)
    again.create_array("/two", half)
    again.close()


@pytest.mark.parametrize(
    "durability", [Durability(writes=1), Durability(writes=3), Durability(seconds=0.001)]
)
def test_durability_is_chosen_when_a_file_is_opened(path: Path, durability: Durability) -> None:
    driver = get_driver("h5py").open(path, "w", durability=durability)
    driver.create_array("/data", ArraySpec((5,), FLOATS, placed=True))
    driver.create_array("/log", ArraySpec((0,), FLOATS, enlargeable=True))
    writer, log = driver.writer("/data"), driver.appender("/log")
    for number in range(5):
        writer.write((number,), np.array(float(number)))
        log.append(np.array(float(number)))
    assert log.length == 5
    driver.close()
    with h5py.File(path) as raw:
        assert raw["data"][...].tolist() == raw["log"][...].tolist() == [0, 1, 2, 3, 4]


def test_a_durability_that_says_nothing_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="positive"):
        Durability(writes=0)
    with pytest.raises(UnsupportedError, match="durability is a Durability"):
        get_driver("h5py").open(path, "w", durability=1)
    with pytest.raises(UnsupportedError, match="durability"):
        get_driver("tables").open(path, "w", durability=Durability())


def test_room_of_what_was_deleted_holds_nothing(driver: Driver, path: Path) -> None:
    for number in range(3):
        driver.create_array("/old", ArraySpec((50_000,), FLOATS), np.full(50_000, 7.0))
        driver.flush()
        driver.delete("/old")
        driver.create_array(f"/new{number}", ArraySpec((40_000,), FLOATS, placed=True))
        assert not driver.read(f"/new{number}").any()
        driver.writer(f"/new{number}").write((5,), np.array(1.0))
        assert driver.read(f"/new{number}").sum() == 1
    driver.close()
    with h5py.File(path) as raw:
        assert [raw[f"new{number}"][...].sum() for number in range(3)] == [1, 1, 1]


def test_a_growing_array_runs_ahead_and_is_cut_when_it_is_closed(driver: Driver, path: Path) -> None:
    driver.create_array("/log", ArraySpec((0, 2), FLOATS, enlargeable=True, chunks=(10, 2)))
    log = driver.appender("/log")
    for number in range(13):
        log.append(np.full(2, float(number)))
    code = "import h5py, sys; print(h5py.File(sys.argv[1], 'r')['log'][12:15, 0])"
    seen = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60)
    assert seen.stdout == "[12. nan nan]\n"
    assert driver.array_info("/log").shape == (13, 2)
    driver.close()
    with h5py.File(path) as raw:
        assert raw["log"][:, 0].tolist() == list(range(13))


def test_rows_that_a_killed_writer_ran_ahead_of_are_cut(path: Path) -> None:
    code = """
file = H5Backend.open(sys.argv[1], 'w')
log = file.create_earray('/', 'log', FLOATS).appender()
for number in range(5):
    log.append(np.array(float(number)))
os._exit(0)
"""
    run(code, path)
    driver = get_driver("h5py").open(path, "r+")
    assert isinstance(driver, SupportsTruncation)
    assert driver.array_info("/log").shape[0] > 5
    with pytest.raises(ArrayIndexError, match="/log"):
        driver.truncate("/log", 10**6)
    driver.truncate("/log", 5)
    with pytest.raises(NodeError, match="is not an array"):
        driver.truncate("/", 5)
    driver.close()
    with h5py.File(path) as raw:
        assert raw["log"][...].tolist() == [0, 1, 2, 3, 4]


def test_large_rows_in_room_of_what_was_deleted(driver: Driver, path: Path) -> None:
    driver.create_array("/old", ArraySpec((500_000,), FLOATS), np.full(500_000, 7.0))
    driver.flush()
    driver.delete("/old")
    driver.create_array("/frames", ArraySpec((0, 1000), FLOATS, enlargeable=True))
    frames = driver.appender("/frames")
    for number in range(3):
        frames.append(np.full(1000, float(number)))
    code = "import h5py, sys; print(h5py.File(sys.argv[1], 'r')['frames'][:, 0].max())"
    seen = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60)
    assert seen.stdout == "2.0\n"
    driver.close()
    with h5py.File(path) as raw:
        assert raw["frames"][:, 999].tolist() == [0, 1, 2]


def test_a_file_of_a_newer_format_is_not_marked_while_it_is_written(path: Path) -> None:
    with h5py.File(path, "w", libver=("v110", "v110")) as raw:
        raw["data"] = np.arange(3.0)
    driver = get_driver("h5py").open(path, "r+")
    driver.create_group("/group")
    driver.flush()
    code = "import h5py, sys; print(sorted(h5py.File(sys.argv[1], 'r')))"
    seen = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60)
    assert seen.stdout == "['data', 'group']\n"
    driver.close()
    with h5py.File(path, "r+") as raw:
        assert sorted(raw) == ["data", "group"]


def test_values_of_other_files_are_read_while_a_file_is_written(path: Path) -> None:
    with h5py.File(path.with_name("source.h5"), "w") as raw:
        raw["data"] = np.arange(3.0)
    plan = h5py.VirtualLayout((3,), FLOATS)
    plan[:] = h5py.VirtualSource("source.h5", "data", (3,))
    with h5py.File(path, "w") as raw:
        raw.create_virtual_dataset("seen", plan, fillvalue=-1)
        raw["linked"] = h5py.ExternalLink("source.h5", "/data")
    driver = get_driver("h5py").open(path, "r+")
    driver.create_group("/group")
    assert driver.read("/seen").tolist() == [0, 1, 2]
    assert driver.read("/linked").tolist() == [0, 1, 2]
    driver.close()


def test_a_file_object_that_fails(driver: Driver, path: Path) -> None:
    driver.create_array("/data", ArraySpec((3,), FLOATS), np.arange(3.0))
    driver.flush()
    in_the_way = path.with_name(f".{path.name}.journal.part")
    in_the_way.mkdir()
    driver.create_group("/group")
    with pytest.raises(FileError, match=r"flushing .* failed"):
        driver.flush()
    assert driver.read("/data").tolist() == [0, 1, 2]
    in_the_way.rmdir()
    driver.flush()
    driver.close()
    with h5py.File(path) as raw:
        assert sorted(raw) == ["data", "group"]


def test_an_empty_file_becomes_a_whole_one_at_once(tmp_path: Path) -> None:
    path = tmp_path / "scan.h5"
    path.touch()  # as a process leaves it that is killed just after it made the file
    file = get_driver("h5py").open(path, "a")
    content = path.read_bytes()
    assert content.startswith(b"\x89HDF\r\n\x1a\n")
    file.create_group("/group")
    assert path.read_bytes()[: len(content)] == content  # not committed: the file is what it was, and whole
    file.close()
    with h5py.File(path) as raw:
        assert list(raw) == ["group"]
