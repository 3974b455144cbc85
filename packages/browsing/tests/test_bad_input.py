"""Whatever cannot be read or written is refused with a clear line, and nothing is left behind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from h5modules.backends import H5ModulesError
from h5modules.browsing.cli import (
    comment,
    copy,
    diff,
    export,
    find,
    info,
    messages,
    plot,
    settings,
    show,
    tree,
    validate,
    watch,
)

app = typer.Typer()
for command in (
    tree.tree,
    info.info,
    show.show,
    plot.plot,
    messages.messages,
    settings.settings,
    diff.diff,
    copy.copy,
    validate.validate,
    watch.watch,
    export.export,
    comment.comment,
):
    app.command()(command)
app.command()(find.find)

AFTER_FILE = {
    "show": ["/data"],
    "copy": ["copied.h5"],
    "export": ["/", "-o", "exported.csv"],
    "comment": ["/data", "a word"],
    "diff": ["whole.h5"],
}
COMMANDS = "tree info show plot messages settings diff copy validate watch export comment".split()
BAD = {
    "missing.h5": "no file",
    "empty.h5": "is empty",
    "text.h5": "HDF5",
    "cut.h5": r"is cut off: 3,000 of \d+,\d+ bytes",
    "folder": "folder",
    "dangling.h5": "no file",
    "locked.h5": "open|lock",
}

_HOLDER = """
import h5py, sys
with h5py.File(sys.argv[1], 'r+') as file:
    print('held', flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Make a folder of files that cannot be read, one of them held by another program."""
    made = tmp_path_factory.mktemp("bad")
    for name in ("whole.h5", "locked.h5"):
        with h5py.File(made / name, "w") as file:
            file["data"] = np.arange(10_000.0)
    (made / "empty.h5").touch()
    (made / "text.h5").write_text("not HDF5", "utf-8")
    (made / "cut.h5").write_bytes((made / "whole.h5").read_bytes()[:3000])
    (made / "folder").mkdir()
    (made / "dangling.h5").symlink_to(made / "nowhere.h5")
    command = [sys.executable, "-c", _HOLDER, str(made / "locked.h5")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        yield made
        holder.stdin.write("\n")
        holder.stdin.flush()


def refused(*arguments: str) -> H5ModulesError:
    """Call a command, and return the error that the program shows as one line, with exit code 2."""
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, H5ModulesError), (done.exception, done.output)
    assert done.stdout == ""
    return done.exception


@pytest.mark.parametrize("command", COMMANDS)
def test_files_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    for name, told in BAD.items():
        error = refused(command, name, *AFTER_FILE.get(command, []))
        assert name in str(error)
        assert re.search(told, str(error), re.IGNORECASE), (name, error)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("command", ["tree", "info", "show", "settings", "validate", "export", "comment"])
def test_unknown_nodes_are_told_with_the_nearest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(folder)
    after = {"export": ["-o", "exported.csv"], "comment": ["a word"]}.get(command, [])
    assert "did you mean '/data'" in str(refused(command, "whole.h5", "/dat", *after))


def test_a_group_has_no_values_to_show(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert "/whole.h5' is a group, not an array" in str(refused("show", "whole.h5", "/"))


def test_formats_and_targets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for output, told in {
        "a.cvs": "Did you mean 'csv'",
        "a.xyz": "There are: ",
        "none/a.csv": "no folder",
        "text.h5": "exists already; choose another name, or overwrite it (overwrite=True, --overwrite)",
        "folder": "format",
    }.items():
        assert told in str(refused("export", "whole.h5", "/data", "-o", output))
    assert "no format 'cvs'" in str(refused("export", "whole.h5", "/data", "-o", "a.csv", "--format", "cvs"))
    assert "exists" in str(refused("copy", "whole.h5", "text.h5"))
    assert (folder / "text.h5").read_text() == "not HDF5"
    assert not (folder / "a.csv").exists()
    assert "no folder 'gone'" in str(refused("find", "gone", "--index", str(folder / "index.sqlite")))
    hint = refused("find", "Mo S2", "--index", str(folder / "index.sqlite"))
    assert "no folder 'Mo S2'" in str(hint)
    assert "--text 'Mo S2', or --title 'Mo S2'" in str(hint)
    (folder / "index.sqlite").unlink()
