"""Keep what PyMoDAQ writes in one folder: its configuration, experiments, logs and data."""

from __future__ import annotations

import atexit
import faulthandler
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path

CONFIGURATION = {
    "utils": '[general]\ndebug_level = ["WARNING", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]\n'
    '[user]\nname = "tester"\n[backup]\nkeep_backup = false\n',
    "gui": '[qtbackend]\nbackend = ["pyqt6", "pyside6", "pyqt5"]\n',
    "data": '[data_saving]\nbackend = ["h5py", "tables", "h5pyd"]\n'
    '[data_saving.h5file]\nsave_path = "{folder}/data"\n',
    # A longer scan than steps_limit, and show_popups, open boxes that wait for an answer.
    "pymodaq": "[scan]\nshow_popups = false\nsteps_limit = 100000\n[actuator]\npolling_interval_ms = 10\n"
    "[viewer]\ntimeout = 3000\n",
}

PATIENCE = 280
"""Seconds after which a program that goes on is ended, and tells where it was."""


def keep_in(folder: Path) -> None:
    """Lead PyMoDAQ to `folder`; call it before anything of PyMoDAQ is imported.

    A program that fails ends here too: Python would wait for threads of Qt that do not end.
    """
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    atexit.register(os._exit, 1)
    assert "pymodaq_utils" not in sys.modules
    for each in ("data", "system", "home/.pymodaq/config"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    for name, text in CONFIGURATION.items():
        target = folder / "home" / ".pymodaq" / "config" / f"{name}.toml"
        target.write_text(text.replace("{folder}", folder.as_posix()))
    os.environ.update(HOME=str(folder / "home"), QT_QPA_PLATFORM="offscreen", QT_API="pyqt6")
    sys.meta_path.insert(0, _Configuration(folder / "system"))


class _Loader(SourceFileLoader):
    """Loads PyMoDAQ's configuration with another folder in the place of the system's."""

    def __init__(self, name: str, path: str, system: Path) -> None:
        super().__init__(name, path)
        self._system = system

    def get_code(self, fullname):
        source = self.get_source(fullname)
        assert "Path('/etc')" in source
        moved = source.replace("Path('/etc')", f"Path({str(self._system)!r})")
        return compile(moved, self.path, "exec")


class _Configuration(MetaPathFinder):
    def __init__(self, system: Path) -> None:
        self._system = system

    def find_spec(self, name, path=None, target=None):
        if name != "pymodaq_utils.config":
            return None
        spec = PathFinder.find_spec(name, path)
        spec.loader = _Loader(name, spec.origin, self._system)
        return spec
