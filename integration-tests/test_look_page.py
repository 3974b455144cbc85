"""The commands of the page on looking at a file print what the page says."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

from h5modules.cli import main

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "look-at-a-file.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def test_commands_print_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for example in Sybil([PythonCodeBlockParser()], pattern="*.md").parse(PAGE).examples():
        example.evaluate()
    for block in BLOCK.findall(PAGE.read_text("utf-8")):
        for command, said in re.findall(r"\$ (h5modules .*)\n((?:(?!\$ ).*\n)*)", block):
            monkeypatch.setattr(sys, "argv", shlex.split(command))
            with pytest.raises(SystemExit) as ended:
                main()
            # How large a file is depends on the version of HDF5.
            printed, expected = (
                re.sub(r"[\d.]+ kB", "... kB", text) for text in (capsys.readouterr().out, said)
            )
            assert ended.value.code == (1 if "diff" in command else 0), command
            assert printed == expected or not expected, command
