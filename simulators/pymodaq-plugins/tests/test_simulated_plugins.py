"""The plugins in PyMoDAQ: a process of its own, since importing PyMoDAQ takes seconds and starts programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKS = Path(__file__).with_name("in_pymodaq") / "plugin_checks.py"


def run_python(*arguments, folder):
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_plugins_work_and_pass_the_checks_of_pymodaq(tmp_path):
    """PyMoDAQ's test class of packages, and each plugin as the Dashboard calls it."""
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n")
    done = run_python("-m", "pytest", "-q", "--noconftest", "-c", settings, CHECKS, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
