from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from h5modules.cli import GROUP_NAME, _commands, app

LAYERS = '''
from typing import Annotated

import typer

app = typer.Typer(help="Grow plants.")

@app.command()
def water(litres: int) -> None:
    """Water them."""
    typer.echo(f"{litres} l")

@app.command()
def light() -> None:
    """Light them."""

def sow(seed: Annotated[str, typer.Option(help="Any of garden[seeds].")] = "radish") -> None:
    """Sow a seed.

    It needs garden[beds,spade] (or fork).
    """
    typer.echo(f"sown: {seed}")

class H5ModulesError(Exception):
    pass

def fail() -> None:
    """Fail on purpose."""
    raise H5ModulesError("the [soil] is dry;\\nwater it.")

def crash() -> None:
    """Fail by accident."""
    raise ZeroDivisionError("oops")

not_a_command = 3
'''

OFFERED = {
    "garden": "garden_layer:app",
    "sow": "garden_layer:sow",
    "fail": "garden_layer:fail",
    "crash": "garden_layer:crash",
    "absent": "garden_layer_that_is_gone:app",
    "nameless": "garden_layer:nothing_of_that_name",
    "broken": "garden_broken:app",
    "number": "garden_layer:not_a_command",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a package that offers commands, some of which do not load."""
    info = tmp_path / "garden-1.0.dist-info"
    info.mkdir()
    (tmp_path / "garden_layer.py").write_text(LAYERS, "utf-8")
    (tmp_path / "garden_broken.py").write_text("1 / 0", "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: garden\nVersion: 1.0\n", "utf-8")
    points = "\n".join(f"{name} = {target}" for name, target in OFFERED.items())
    (info / "entry_points.txt").write_text(f"[{GROUP_NAME}]\n{points}\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it look as if no layer were installed."""
    monkeypatch.setattr(_commands, "_entry_points", dict)


@pytest.fixture
def call() -> Callable[..., Any]:
    return lambda *arguments: CliRunner(env={"COLUMNS": "100"}).invoke(app, arguments)


@pytest.mark.usefixtures("site")
def test_layers_that_are_installed_are_offered(call: Any) -> None:
    done = call("--help")
    assert done.exit_code == 0
    assert "Grow plants." in done.stdout
    assert "Sow a seed." in done.stdout
    assert call("sow", "--seed", "oak").stdout == "sown: oak\n"
    told = call("sow", "--help").stdout
    assert "It needs garden[beds,spade] (or fork)." in told  # no markup
    assert "Any of garden[seeds]." in told
    assert call("garden", "water", "3").stdout == "3 l\n"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("absent", "ModuleNotFoundError: No module named 'garden_layer_that_is_gone'"),
        ("nameless", "AttributeError"),
        ("broken", "ZeroDivisionError: division by zero"),
        ("number", "TypeError"),
    ],
)
def test_a_layer_that_does_not_load_says_why(call: Any, name: str, reason: str) -> None:
    done = call(name)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: the command '{name}' is installed, but its layer garden_")
    assert reason in done.stderr
    assert "Not available" in call("--help").stdout


@pytest.mark.usefixtures("alone")
def test_without_layers_help_is_there(call: Any) -> None:
    done = call("--help")
    assert done.exit_code == 0
    assert "Save, load and browse laboratory acquisitions" in done.stdout
    assert call().exit_code == 2


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("name", "package"), [("scan", "h5modules-scanning"), ("tree", "h5modules-browsing"), ("plot", "[plot]")]
)
def test_a_command_of_a_layer_that_is_not_installed_names_its_package(
    call: Any, name: str, package: str
) -> None:
    done = call(name, "--some", "argument")
    assert done.exit_code == 2
    told = " ".join(done.stderr.replace("│", " ").split())
    assert f"No such command '{name}'. It comes with another package. Try: pip install" in told
    assert package in told


@pytest.mark.usefixtures("site")
def test_a_slip_of_the_finger_is_told(call: Any) -> None:
    done = call("gardn")
    assert done.exit_code == 2
    assert "No such command 'gardn'. Did you mean 'garden'?" in done.stderr


def test_versions_are_told(call: Any) -> None:
    done = call("--version")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert f"h5modules-cli {version('h5modules-cli')}" in lines
    assert lines[-1] == f"Python {sys.version.split()[0]}"
    assert len(lines) == len(set(lines))


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(site)!r}); from h5modules.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)


def test_an_error_of_ours_is_a_message_and_exit_code_2(site: Path) -> None:
    done = run(site, "fail")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: the [soil] is dry;\nwater it.\n"


def test_any_other_error_is_shown_whole(site: Path) -> None:
    done = run(site, "crash")
    assert done.returncode == 1
    assert "ZeroDivisionError: oops" in done.stderr
    assert "Traceback" in done.stderr


def test_success_is_exit_code_0(site: Path) -> None:
    assert (run(site, "sow").returncode, run(site, "--help").returncode) == (0, 0)


def test_python_m_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "h5modules.cli", "--version"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "h5modules-cli" in done.stdout


def test_what_the_demo_needs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Any) -> None:
    monkeypatch.setitem(sys.modules, "h5modules_simulators", None)
    monkeypatch.chdir(tmp_path)
    done = call("demo")
    assert done.exit_code == 1
    assert 'Try: pip install "h5modules-cli[demo]"' in done.stderr
    assert list(tmp_path.iterdir()) == []
