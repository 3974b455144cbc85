"""What is told before a window is opened."""

from __future__ import annotations

import subprocess
import sys

import pytest

from h5modules.dashboard import VersionError, _starting, require_version


def run_python(code, folder):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_modules_that_are_imported_already_are_told(tmp_path):
    done = run_python("import h5modules.dashboard as d, pymodaq_data; d.serve()", tmp_path)
    assert "ServedTooLateError: pymodaq_data.h5modules" in done.stderr.replace(
        "h5modules.dashboard._errors.", ""
    )


def test_another_version_of_pymodaq_is_refused(monkeypatch):
    require_version()
    monkeypatch.setattr(_starting, "KNOWN", "4.")
    with pytest.raises(VersionError, match=r"pymodaq>=5\.3\.8"):
        require_version()


def test_a_missing_experiment_is_told_by_the_command(tmp_path):
    code = "import typer; from h5modules.dashboard.cli import dashboard; typer.run(dashboard)"
    command = [sys.executable, "-c", code, "--experiment", "nowhere"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "no experiment 'nowhere'" in " ".join(done.stderr.split())
