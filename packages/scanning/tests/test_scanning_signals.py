"""Signals that end a program, sent to a real one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from h5modules.scanning.cli._signals import ending_as_ctrl_c

SCAN = ["scan", "run", "-a", "stage=-1:1:100000", "-d", "patient", "-o", "out.h5"]
LOG = ["log", "-d", "patient", "--interval", "0", "-o", "out.h5"]

COMMANDS = """
import signal, sys, typer
from h5modules.scanning import cli
signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may run where it is ignored
commands = typer.Typer()
commands.add_typer(cli.app, name="scan")
commands.command()(cli.log)
commands()
"""


@pytest.mark.skipif(os.name == "nt", reason="another process can only be killed there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    ("arguments", "code", "told", "logged"),
    [
        pytest.param(SCAN, 130, "Stopped.\n", "of 100000 points by the user", id="scan"),
        pytest.param(LOG, 0, "", "readings", id="log"),
    ],
)
def test_a_signal_that_ends_a_program_stops_it_as_ctrl_c_does(
    laboratory: Path,
    log_of: Callable[[Path], list[str]],
    arguments: list[str],
    name: str,
    code: int,
    told: str,
    logged: str,
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(laboratory.parent / "site")}
    command = [sys.executable, "-c", COMMANDS, *arguments]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "under way\n"
        process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert errors.startswith(told)
    assert (laboratory / "closed.txt").exists()
    assert log_of(laboratory / "out.h5")[-1].endswith(logged)


def test_a_signal_is_taken_for_a_while() -> None:
    with pytest.raises(KeyboardInterrupt), ending_as_ctrl_c():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_what_listens_to_a_signal_goes_on_with_it() -> None:
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)

    before = signal.signal(signal.SIGTERM, note)
    try:
        with ending_as_ctrl_c():
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is note
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [signal.SIGTERM]


def test_where_ctrl_c_is_ignored_the_others_are_left_alone() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ending_as_ctrl_c():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)
