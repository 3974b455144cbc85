"""The code in the pages runs, and no command is left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click import Context
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser
from typer.main import get_command

from h5modules.cli import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES_WITH_CODE = [page for page in PAGES if "```python" in page.read_text("utf-8")]


@pytest.mark.parametrize("page", PAGES_WITH_CODE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_code_of_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for example in Sybil([PythonCodeBlockParser()], pattern="*.md").parse(page).examples():
        example.evaluate()


def test_each_command_stands_in_the_page_of_commands() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    assert [name for name in _names_of(get_command(app)) if f"\n| `{name}" not in page] == []


def _names_of(command: Any, prefix: str = "") -> Iterator[str]:
    """Yield the names of all commands that are called, those of groups after the names of these."""
    if not hasattr(command, "list_commands"):
        yield prefix.strip()
        return
    context = Context(command)
    for name in command.list_commands(context):
        yield from _names_of(command.get_command(context, name), f"{prefix} {name}")
