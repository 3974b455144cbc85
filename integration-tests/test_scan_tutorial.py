"""The plan of the tutorial does what the page says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from h5modules.scanning.cli import app

PAGE = Path(__file__).parent.parent / "docs" / "tutorials" / "scan-from-a-plan.md"


def test_the_plan_of_the_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("map.toml").write_text(PAGE.read_text("utf-8").split("```toml\n")[1].split("```")[0], "utf-8")
    codes = {}
    for command in ("check map.toml", "run map.toml -o map.h5", "resume map.h5"):
        done = CliRunner().invoke(app, [*command.split(), "--json"])
        codes[command.split()[0]] = done.exit_code
        told = json.loads(done.stdout)
    assert codes == {"check": 0, "run": 3, "resume": 3}
    assert (told["points"], told["skipped"]) == (44, 1)
    assert Path("map.plan.png").exists()
