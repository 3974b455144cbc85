"""Every moment at which a writer can be killed: what was acknowledged is there, and the file can be read.

What a writer does to the folder is recorded, call by call. Then the folder is built as it was after each
call, and as it was in the middle of each write, and looked at through our reader, through h5py alone, and
after it was opened for writing again.
"""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.backends import (
    ArraySpec,
    Driver,
    Durability,
    _h5py_file,
    _placed,
    _positioned,
    file_status,
    get_driver,
)

FLOATS = np.dtype("f8")
PAGE = 4096


@dataclass
class Recording:
    """What was done to a folder, and what was acknowledged meanwhile."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    expected: list[dict[tuple[str, Any], Any]] = field(default_factory=list)
    acknowledged: dict[tuple[str, Any], Any] = field(default_factory=dict)

    def note(self, *call: Any) -> None:
        self.calls.append(call)
        self.expected.append(dict(self.acknowledged))

    def states(self) -> Iterator[tuple[dict[str, bytearray], dict[tuple[str, Any], Any]]]:
        """Yield the files as they were at each moment, and what was acknowledged by then."""
        files: dict[str, bytearray] = {}
        for number, call in enumerate(self.calls):
            for cut in _cuts(call):
                torn = {name: bytearray(content) for name, content in files.items()}
                _do(torn, (*call[:3], call[3][:cut]))
                yield torn, self.expected[number]
            _do(files, call)
            yield {name: bytearray(content) for name, content in files.items()}, self.expected[number]


def _cuts(call: tuple[Any, ...]) -> list[int]:
    """Return how many bytes of a write are there when it is torn: one, half, and up to each page."""
    if call[0] != "write" or len(call[3]) < 2:
        return []
    start, values = call[2], call[3]
    borders = range(PAGE - start % PAGE, len(values), PAGE)
    return sorted({1, len(values) // 2, *borders})


def _do(files: dict[str, bytearray], call: tuple[Any, ...]) -> None:
    match call:
        case "write", name, start, values:
            content = files.setdefault(name, bytearray())
            content.extend(bytes(max(start + len(values) - len(content), 0)))
            content[start : start + len(values)] = values
        case "truncate", name, size:
            content = files.setdefault(name, bytearray())
            content.extend(bytes(max(size - len(content), 0)))
            del content[size:]
        case "replace", name, target:
            files[target] = files.pop(name)
        case "unlink", name:
            files.pop(name, None)


class Disk:
    """What is on the disk itself: what was synced, and of what came since, anything."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._stored: dict[int, bytearray] = {}
        self._pending: dict[int, list[tuple[int, bytes]]] = {}
        self._lasting_names: dict[str, int] = {}
        self._pending_names: list[dict[str, int]] = []

    def do(self, call: tuple[Any, ...]) -> None:
        """Take notice of a call."""
        match call:
            case "write", name, start, values:
                if name not in self._names:
                    self._change_names({**self._names, name: len(self._stored)})
                    self._stored[self._names[name]] = bytearray()
                self._pending.setdefault(self._names[name], []).extend(_pages(start, values))
            case "truncate", name, size:
                self._pending.setdefault(self._names[name], []).append((size, b""))
            case "replace", name, target:
                names = dict(self._names)
                names[target] = names.pop(name)
                self._change_names(names)
            case "unlink", name:
                self._change_names({each: kept for each, kept in self._names.items() if each != name})
            case "sync", ".":
                self._lasting_names, self._pending_names = self._names, []
            case "sync", name:
                number = self._names[name]
                _write(self._stored[number], self._pending.pop(number, []))

    def _change_names(self, names: dict[str, int]) -> None:
        self._names = names
        self._pending_names.append(names)

    def after_power_loss(self, chance: random.Random) -> dict[str, bytearray]:
        """Return the files as they may be found; names change in the order in which they were changed."""
        names = chance.choice([self._lasting_names, *self._pending_names])
        kept = chance.choice([0.0, 0.5, 0.9, 1.0])
        files = {}
        for name, number in names.items():
            files[name] = bytearray(self._stored[number])
            _write(files[name], [each for each in self._pending.get(number, []) if chance.random() < kept])
        return files


def _pages(start: int, values: bytes) -> Iterator[tuple[int, bytes]]:
    while values:
        count = PAGE - start % PAGE
        yield start, values[:count]
        start, values = start + count, values[count:]


def _write(content: bytearray, parts: list[tuple[int, bytes]]) -> None:
    for start, values in parts:
        if not values:
            _do({"": content}, ("truncate", "", start))
        else:
            _do({"": content}, ("write", "", start, values))


@contextmanager
def recorded(folder: Path) -> Iterator[Recording]:
    """Record what is done to the files of a folder."""
    made = Recording()
    write_at, ftruncate, replace, unlink = _positioned.write_at, os.ftruncate, Path.replace, Path.unlink
    fsync = os.fsync

    def name_of(descriptor: int) -> str:
        number = os.fstat(descriptor).st_ino
        return next(each.name for each in folder.iterdir() if each.stat().st_ino == number)

    def note_write(descriptor: int, values: Any, start: int) -> int:
        written = write_at(descriptor, values, start)
        made.note("write", name_of(descriptor), start, bytes(values)[:written])
        return written

    def note_truncate(descriptor: int, size: int) -> None:
        ftruncate(descriptor, size)
        made.note("truncate", name_of(descriptor), size)

    def note_replace(path: Path, target: Path) -> Path:
        made.note("replace", path.name, Path(target).name)
        return replace(path, target)

    def note_unlink(path: Path, missing_ok: bool = False) -> None:
        made.note("unlink", path.name)
        unlink(path, missing_ok)

    def note_sync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        fsync(descriptor)
        made.note("sync", "." if is_folder else name_of(descriptor))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", note_sync)
        patch.setattr(_h5py_file, "_sync", note_sync)
        patch.setattr(_positioned, "write_at", note_write)
        patch.setattr(_placed, "write_at", note_write)
        patch.setattr(os, "ftruncate", note_truncate)
        patch.setattr(Path, "replace", note_replace)
        patch.setattr(Path, "unlink", note_unlink)
        yield made


def _scans(file: Driver, recording: Recording) -> None:
    """Write two scans and a log, and delete the first scan before a third takes its room."""
    seen = recording.acknowledged
    file.flush()
    for number in range(2):
        _scan(file, f"/Scan{number}", seen)
    file.create_array("/log", ArraySpec((0, 2), FLOATS, enlargeable=True, chunks=(4, 2)))
    rows = file.appender("/log")
    for number in range(6):
        rows.append(np.full(2, number + 1.0))
        seen["/log", number] = np.full(2, number + 1.0)
    for key in [key for key in seen if key[0].startswith("/Scan0")]:
        del seen[key]
    file.delete("/Scan0")
    file.create_group("/late")
    _scan(file, "/Scan2", seen)
    file.write("/Scan1/signal", (slice(None), 0), 7.0)
    for number in range(6, 9):
        rows.append(np.full(2, number + 1.0))
        seen["/log", number] = np.full(2, number + 1.0)


def _scan(file: Driver, path: str, seen: dict[tuple[str, Any], Any]) -> None:
    file.create_group(path)
    file.create_array(f"{path}/signal", ArraySpec((3, 2, 700), FLOATS, placed=True))
    file.create_array(f"{path}/times", ArraySpec((3,), FLOATS, placed=True, fill_value=np.nan))
    file.create_array(f"{path}/axis", ArraySpec((3,), FLOATS), np.arange(3.0))
    file.write_attributes(path, {"title": f"scan {path}"})
    signal, times = file.writer(f"{path}/signal"), file.writer(f"{path}/times")
    seen[f"{path}/axis", ...] = np.arange(3.0)
    seen[f"{path}/signal", (0, 0)] = np.zeros(700)
    for number in range(3):
        values = np.full((2, 700), number + 0.5)
        seen.pop((f"{path}/signal", (0, 0)), None)
        signal.write((number,), values)
        seen[f"{path}/signal", (number, 1)] = values[1]
        times.write((number,), np.array(float(number)))
        seen[f"{path}/times", number] = float(number)


def _build(folder: Path, files: dict[str, bytearray]) -> Path:
    for each in folder.iterdir():
        each.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / "scan.h5"


def _require(read: Callable[[str], Any], expected: dict[tuple[str, Any], Any]) -> None:
    for (path, index), values in expected.items():
        np.testing.assert_array_equal(read(path)[index], values, f"{path} {index}")


def _is_readable(path: Path, expected: dict[tuple[str, Any], Any]) -> bool:
    """Tell whether h5py alone finds what is expected."""
    try:
        with h5py.File(path, "r") as raw:
            _require(lambda node: raw[node][...], expected)
    except (OSError, KeyError, RuntimeError, AssertionError):
        return False
    return True


def test_every_state_holds_what_was_acknowledged(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    driver = get_driver("h5py")
    written, folder = tmp_path / "recorded", tmp_path / "rebuilt"
    written.mkdir()
    folder.mkdir()
    with recorded(written) as recording:
        file = driver.open(written / "scan.h5", "w")
        _scans(file, recording)
        file.close()
    states = [(files, seen) for files, seen in recording.states() if seen]
    waiting = 0
    for number, (files, expected) in enumerate(states):
        path = _build(folder, files)
        with closing(driver.open(path, "r")) as reader:
            _require(reader.read, expected)
        assert path.read_bytes() == files["scan.h5"], number
        if not _is_readable(path, expected):
            assert file_status(path).has_journal, number
            waiting += 1
        driver.open(path, "r+").close()
        assert _is_readable(path, expected), number
        assert [each.name for each in folder.iterdir()] == ["scan.h5"]
    record_property("states", len(states))
    record_property("waiting for their journal", waiting)
    assert len(states) > 100


def test_power_that_is_lost_takes_nothing_where_the_disk_was_waited_for(tmp_path: Path) -> None:
    """Of what was not synced any page may be on the disk, or not."""
    driver = get_driver("h5py")
    written, folder = tmp_path / "recorded", tmp_path / "rebuilt"
    written.mkdir()
    folder.mkdir()
    with recorded(written) as recording:
        file = driver.open(written / "scan.h5", "w", durability=Durability(writes=1))
        _scans(file, recording)
        file.close()
    disk, chance, states = Disk(), random.Random(1), 0
    for call, expected in zip(recording.calls, recording.expected, strict=True):
        for _ in range(2 if expected else 0):
            path = _build(folder, disk.after_power_loss(chance))
            with closing(driver.open(path, "r")) as reader:
                _require(reader.read, expected)
            driver.open(path, "r+").close()
            assert _is_readable(path, expected)
            states += 1
        disk.do(call)
    assert states > 300
