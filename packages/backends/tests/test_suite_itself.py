"""The conformance suite, tested: it finds faults, shows values, and no test hides another."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections import Counter
from pathlib import Path

from h5modules.backends.testing import DriverTests, LocalFileTests

FAULTS = """
import numpy as np
import pytest
from h5modules.backends._memory import MemoryDriver, _files
from h5modules.backends.testing import DriverTests


class Wrong(MemoryDriver):
    def read(self, path, selection=...):
        found = super().read(path, selection)
        return found + 1 if isinstance(found, np.ndarray) and found.dtype.kind == "f" else found


class Forgetful(MemoryDriver):
    def write_attributes(self, path, values):
        super().write_attributes(path, {name: value for name, value in values.items() if name != "units"})


class Generous(MemoryDriver):
    def _require_writable(self):
        self._require_open()


class Sharing(MemoryDriver):
    def link(self, source, target):
        self.copy(source, target)


class _Tests(DriverTests):
    @pytest.fixture
    def make_target(self, request):
        numbers = iter(range(1000))
        return lambda: f"{request.node.name} {next(numbers)}"

    @pytest.fixture
    def look(self):
        from contextlib import contextmanager

        @contextmanager
        def nothing(target):
            yield None

        return nothing

    @pytest.fixture
    def fingerprint(self):
        return lambda target: repr(_files[str(target)])


class TestWrong(_Tests):
    driver_class = Wrong


class TestForgetful(_Tests):
    driver_class = Forgetful


class TestGenerous(_Tests):
    driver_class = Generous


class TestSharing(_Tests):
    driver_class = Sharing
"""

CAUGHT_BY = {
    "TestWrong": "test_content_is_kept",
    "TestForgetful": "test_content_is_kept",
    "TestGenerous": "test_file_opened_for_reading_refuses",
    "TestSharing": "test_linked_array_grows_under_both_names",
}
"""For each fault, a test that does not pass."""


def test_faults_are_found_and_values_shown(tmp_path: Path) -> None:
    path = tmp_path / "test_faults.py"
    path.write_text(FAULTS, "utf-8")
    names = " or ".join(dict.fromkeys(CAUGHT_BY.values()))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(path),
    ]
    done = subprocess.run(
        [*command, "-k", names], capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False
    )
    for test_class, test in CAUGHT_BY.items():
        assert f"FAILED test_faults.py::{test_class}::{test}" in done.stdout
    # Both sides of a comparison, as in tests of one's own: the suite is rewritten, though it is a library.
    assert "(array([1., 2., 3.]), array([0., 1., 2.])" in done.stdout


def test_no_test_hides_another() -> None:
    parts = [each for each in (*DriverTests.__mro__, *LocalFileTests.__mro__[:1]) if each is not DriverTests]
    names = Counter(name for part in parts for name in vars(part) if name.startswith("test_"))
    assert [name for name, times in names.items() if times > 1] == []
    assert len(names) > 100


def test_nothing_is_skipped() -> None:
    folder = Path(inspect.getfile(DriverTests)).parent
    for module in folder.glob("*.py"):
        source = module.read_text("utf-8")
        assert "pytest.skip" not in source, module
        assert "mark.skip" not in source, module
        assert "importorskip" not in source, module
