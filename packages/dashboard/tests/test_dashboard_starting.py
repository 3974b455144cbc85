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


@pytest.mark.slow
def test_another_version_of_pymodaq_is_told_for_the_scanner_in_the_menu(tmp_path):
    code = """
import logging
from h5modules.dashboard import _starting
_starting.KNOWN = "4."
from pymodaq.extensions import utils
class Lines(logging.Handler):
    def emit(self, record):
        print(record.levelname, record.getMessage())
utils.logger.addHandler(Lines())
print([each.class_name for each in utils.get_extensions().values()])
"""
    told = run_python(code, tmp_path).stdout
    assert "WARNING" in told
    assert "pymodaq>=5.3.8" in told
    assert "'DAQScan'" in told
    assert "'H5Scanner'" not in told


@pytest.mark.slow
def test_a_missing_experiment_is_told_by_the_command(tmp_path):
    code = "import typer; from h5modules.dashboard.cli import dashboard; typer.run(dashboard)"
    command = [sys.executable, "-c", code, "--experiment", "nowhere"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "no experiment 'nowhere'" in " ".join(done.stderr.split())


@pytest.mark.slow
def test_a_missing_plugin_of_an_experiment_is_told_by_the_command(tmp_path):
    code = """
import sys, typer
from h5modules.dashboard import serve
serve()
from pymodaq.utils.config import get_set_experiment_path
from h5modules.dashboard.cli import dashboard
(get_set_experiment_path() / "lab.xml").write_text(
    "<settings><actuator><actuator00><info><type>SimulatedStage</type></info></actuator00></actuator>"
    "<detector><detector00><info><type>GoneCamera</type></info></detector00></detector></settings>"
)
typer.run(dashboard)
"""
    command = [sys.executable, "-c", code, "--experiment", "lab"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 2, done.stderr
    assert "needs the plugins ['GoneCamera']" in " ".join(done.stderr.split())


def test_a_pymodaq_that_imported_in_part_is_told(tmp_path):
    """pymodaq_data keeps an error of its own import to itself: here its exporters cannot be imported."""
    code = """
import sys
from h5modules.dashboard import DashboardError, require_served, serve
serve()
sys.modules["pymodaq_data.h5modules.utils"] = None
import pymodaq_data
try:
    require_served()
except DashboardError as error:
    print(error)
"""
    assert "imported in part only" in run_python(code, tmp_path).stdout
