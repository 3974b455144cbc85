"""Backends found by name: unknown, known but not installed, broken."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from h5modules.backends import BackendMissingError, BackendUnknownError, backends_available, get_driver
from h5modules.backends import _registry as registry

ENTRY_POINTS = """\
[h5modules.backends]
tables_of_nobody = h5modules_absent_package.driver:Driver
raising = h5modules_broken_driver:Driver
lacking = h5modules_broken_driver_without:Driver
no_driver = h5modules_no_driver:Driver
third = h5modules_third_driver:ThirdDriver
"""


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution with backends of its own, good and bad."""
    info = tmp_path / "h5modules_third-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: h5modules-third\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")
    (tmp_path / "h5modules_broken_driver.py").write_text("import h5modules_no_such_library\n", "utf-8")
    (tmp_path / "h5modules_broken_driver_without.py").write_text("", "utf-8")
    (tmp_path / "h5modules_no_driver.py").write_text("class Driver: pass\n", "utf-8")
    (tmp_path / "h5modules_third_driver.py").write_text(
        "from h5modules.backends._memory import MemoryDriver\n"
        "class ThirdDriver(MemoryDriver):\n"
        "    library = 'third'\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_loaded", {})


def test_h5py_comes_first() -> None:
    assert backends_available[0] == "h5py"
    assert list(backends_available) == [*backends_available[:]]
    assert len(backends_available) >= 2
    assert repr(backends_available) == repr(list(backends_available))


def test_driver_is_loaded_once() -> None:
    assert get_driver("h5py") is get_driver("h5py")
    assert get_driver("h5py").library == "h5py"


def test_unknown_backend_is_refused() -> None:
    with pytest.raises(BackendUnknownError, match=r"'nonsense' is not a backend; choose one of .*h5py"):
        get_driver("nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        get_driver("nonsense")


@pytest.mark.usefixtures("third_party")
def test_third_party_is_found_by_its_entry_point() -> None:
    assert "third" in backends_available
    with closing(get_driver("third").open("third party", "w")) as file:
        file.create_group("/group")
    assert get_driver("third").library == "third"


@pytest.mark.usefixtures("third_party")
def test_backend_of_an_absent_package_is_not_available() -> None:
    assert "tables_of_nobody" not in backends_available


@pytest.mark.usefixtures("third_party")
@pytest.mark.parametrize("name", ["raising", "tables_of_nobody"])
def test_library_that_does_not_import(name: str) -> None:
    with pytest.raises(BackendMissingError, match=f"'{name}' needs a library.*Try: pip install") as caught:
        get_driver(name)
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value.__cause__, ImportError)


@pytest.mark.usefixtures("third_party")
@pytest.mark.parametrize("name", ["no_driver", "lacking"])
def test_entry_point_that_is_no_driver(name: str) -> None:
    with pytest.raises(BackendUnknownError, match=f"backend '{name}'"):
        get_driver(name)


@pytest.mark.parametrize("name", ["tables", "h5pyd"])
def test_known_backend_names_its_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [each for each in sys.modules if each.startswith(f"h5modules.backends._{name}")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)  # as Python marks what cannot be imported
    monkeypatch.setattr(registry, "_loaded", {})
    with pytest.raises(BackendMissingError, match=rf'pip install "h5modules-backends\[{name}\]"'):
        get_driver(name)


def test_importing_the_package_imports_no_library() -> None:
    code = (
        "import sys, h5modules.backends as it\n"
        "list(it.backends_available)\n"
        "heavy = {'h5py', 'tables', 'h5pyd', 'hdf5plugin', 'pytest', 'hypothesis'}\n"
        "print(sorted(heavy.intersection(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
