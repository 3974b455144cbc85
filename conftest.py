"""What holds for every test of the repository: a home folder of its own, and no file left open."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PREFIX = "h5modules-home-"


def take_own_home() -> Path:
    """Give this process a home folder of its own: pymodaq_data writes there when it is imported.

    The folder outlives the process, since pymodaq_data saves its configuration while Python ends; those of
    earlier days are removed here.
    """
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if old.stat().st_mtime < time.time() - 24 * 3600:
            shutil.rmtree(old, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"):
        os.environ[name] = str(home)
    for name in [each for each in os.environ if each.startswith("XDG_")]:
        del os.environ[name]
    return home


if loaded := [name for name in ("pymodaq_utils", "pymodaq_data") if name in sys.modules]:
    raise pytest.UsageError(f"{loaded} was imported before the tests had a home folder of their own")
take_own_home()
os.environ["MPLBACKEND"] = "Agg"
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as under nohup: tests press Ctrl-C, in programs too
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyqt6")
os.environ.setdefault("PYTEST_QT_API", os.environ["QT_API"])

if importlib.util.find_spec("hypothesis"):
    from hypothesis import settings

    # Files are slow on a busy machine: a time limit for each example would fail by chance.
    settings.register_profile("h5modules", settings(), deadline=None)
    settings.load_profile("h5modules")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option to run a part of the tests."""
    parser.addoption(
        "--one-in",
        type=int,
        default=1,
        metavar="N",
        help="run every Nth test: enough to see that an environment has what the tests need",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are not asked for."""
    kept = items[:: config.getoption("--one-in")]
    left_out = set(items).difference(kept)
    if left_out:
        config.hook.pytest_deselected(items=[each for each in items if each in left_out])
        items[:] = kept


def open_files() -> Counter[str]:
    """Count the HDF5 files that this process holds open, by the library and by name."""
    names: list[str] = []
    if h5py := sys.modules.get("h5py"):
        files = h5py.h5f.get_obj_ids(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE)
        names += [f"{os.fsdecode(each.name)!r} (h5py)" for each in files]
    if tables := sys.modules.get("tables"):  # it carries an HDF5 library of its own
        names += [f"{each.filename!r} (tables)" for each in tables.file._open_files.handlers]
    return Counter(names)


@pytest.fixture(autouse=True)
def no_file_left_open() -> Iterator[None]:
    """Fail a test that leaves an HDF5 file open, but for those that wider fixtures hold."""
    before = open_files()
    yield
    if left := open_files() - before:
        pytest.fail(f"left open: {', '.join(left)}", pytrace=False)


@pytest.fixture(autouse=True)
def folder_for_examples(request: pytest.FixtureRequest, doctest_namespace: dict[str, object]) -> None:
    """Give the examples of docstrings a `tmp_path`, as tests have it."""
    if isinstance(request.node, pytest.DoctestItem):
        doctest_namespace["tmp_path"] = request.getfixturevalue("tmp_path")
