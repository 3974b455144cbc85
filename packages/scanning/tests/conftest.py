"""Devices in plain Python, as a user would write them: no more than what a scan asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

DEVICES = '''
"""Devices of a laboratory that registers them by name."""
import signal
import time
from pathlib import Path

class Stage:
    title, units, limits = "Stage", "mm", (-5.0, 5.0)
    position = 0.0
    def move_to(self, value):
        self.position = value

class Rotator:
    title, position = "Rotator", 0.0
    def move_to(self, value):
        self.position = value

class Diode:
    title, units = "Diode", "V"
    def read(self):
        return 0.5
    def close(self):
        Path("closed.txt").write_text("closed")

class Twin(Diode):
    """Of the same title."""

class Broken(Diode):
    title, reads = "Broken", 0
    def read(self):
        self.reads += 1
        if self.reads == 3:
            raise OSError("the cable is out")
        return 1.0

class Stuck(Diode):
    title = "Stuck"
    def close(self):
        raise OSError("the shutter is stuck")

class Impatient(Diode):
    title, reads = "Impatient", 0
    def read(self):
        self.reads += 1
        if self.reads == 4:
            signal.raise_signal(signal.SIGINT)
        return 1.0

class Patient(Diode):
    title, reads = "Patient", 0
    def read(self):
        self.reads += 1
        if self.reads == 3:
            print("under way", flush=True)
        time.sleep(0.01)
        return 1.0

def make_absent():
    raise OSError("it is switched off")
'''

ENTRY_POINTS = """
[h5modules.devices]
stage = lab_devices:Stage
rotator = lab_devices:Rotator
diode = lab_devices:Diode
twin = lab_devices:Twin
broken = lab_devices:Broken
impatient = lab_devices:Impatient
patient = lab_devices:Patient
stuck = lab_devices:Stuck
absent = lab_devices:make_absent
"""


class Stage:
    """An actuator that does the least, and remembers its moves."""

    def __init__(self, title: str = "Stage") -> None:
        self.title = title
        self.position = 0.0
        self.moves: list[float] = []

    def move_to(self, value: float) -> None:
        self.moves.append(value)
        self.position = value


class Detector:
    """A detector that does the least, and remembers what it returned."""

    def __init__(self, title: str, measure: Callable[[], Any]) -> None:
        self.title = title
        self.measure = measure
        self.returned: list[Any] = []

    def read(self) -> Any:
        self.returned.append(self.measure())
        return self.returned[-1]


@pytest.fixture
def make_stage() -> type[Stage]:
    return Stage


@pytest.fixture
def make_detector() -> type[Detector]:
    return Detector


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def diode(stage: Stage) -> Detector:
    """Reads a number that depends on where the stage is."""
    return Detector("Diode", lambda: np.exp(-(stage.position**2)))


@pytest.fixture
def laboratory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a package that registers devices; the folder it lies in is empty else, and the current one."""
    package = tmp_path / "site"
    info = package / "lab-1.0.dist-info"
    info.mkdir(parents=True)
    (package / "lab_devices.py").write_text(DEVICES, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")
    monkeypatch.syspath_prepend(package)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def log_of() -> Callable[[Path], list[str]]:
    """Read the log of a file."""

    def read(path: Path) -> list[str]:
        from h5modules.saving import H5SaverLowLevel

        with H5SaverLowLevel.from_file(path, mode="r") as saver:
            return list(saver.get_set_logger().read())

    return read


@pytest.fixture
def values_of() -> Callable[[Path, str], Any]:
    """Read an array of a scan with nothing but h5py."""

    def read(path: Path, name: str, scan: str = "Scan000") -> Any:
        with h5py.File(path) as file:
            return file[f"RawData/{scan}/{name}"][()]

    return read
