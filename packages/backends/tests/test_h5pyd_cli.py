"""``h5modules hsds start``, as a program and as a command."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from h5modules.backends import H5Backend
from h5modules.backends.cli import app
from h5modules.backends.hsds import _server as server_module

RUN = "from h5modules.backends.cli import app; app()"


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent by a signal on POSIX alone")
def test_start_runs_until_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-c", RUN, "start", "--root", str(tmp_path), "--user", "ada"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = []
        for line in running.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        shown = "".join(lines)
        said = dict(re.findall(r"^(\w+): +(\S+)$", shown, re.MULTILINE))
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", said["endpoint"])
        assert (said["user"], said["folder"]) == ("ada", "/home/ada/")
        # The two lines that it shows do save to it.
        names: dict[str, object] = {"H5Backend": H5Backend}
        code = "\n".join(line.strip() for line in lines if "H5Backend(" in line or "open_file" in line)
        assert len(code.splitlines()) == 2
        exec(code, names)  # noqa: S102
        file = names["file"]
        assert isinstance(file, H5Backend)
        file.get_set_group("/", "Group")
        file.close_file()
        running.send_signal(signal.SIGINT)
        assert "everything is on the disk" in running.stdout.read()
    assert running.returncode == 0


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module.importlib.util, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["start", "--root", str(tmp_path)])
    assert result.exit_code == 2
    assert "h5modules-backends[hsds-server]" in result.output


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious", "utf-8")
    result = CliRunner().invoke(app, ["start", "--root", str(tmp_path / "file")])
    assert result.exit_code == 2
    assert "cannot hold domains" in result.output


def test_bad_password_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["start", "--root", str(tmp_path), "--password", "x"])
    assert result.exit_code == 2
    assert "three characters" in result.output


def test_help_tells_what_it_does() -> None:
    result = CliRunner().invoke(app, ["start", "--help"])
    assert result.exit_code == 0
    assert "until Ctrl-C" in result.output
