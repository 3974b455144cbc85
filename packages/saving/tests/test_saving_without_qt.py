"""What is told where the extra is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

ASK = """
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None  # as if it were not installed
import h5modules.saving
assert not any(name.split(".")[0] in ("qtpy", "PyQt6", "pymodaq_gui") for name, m in sys.modules.items() if m)
try:
    from h5modules.saving import H5Saver
except ImportError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        (["qtpy"], "h5modules-saving[qt,pyqt6]"),
        (["pymodaq_gui", "pyqtgraph"], "h5modules-saving[qt,pyqt6]"),
        (["PyQt6", "PySide6", "PyQt5", "PySide2"], 'h5modules-saving[pyqt6]" or'),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_the_error_says_what_to_install(missing, remedy):
    told = subprocess.run(
        [sys.executable, "-c", ASK, *missing], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert told.startswith("QtMissingError")
    assert remedy in told
    assert all(name in told for name in missing[:2])
