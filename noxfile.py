"""The verbs of the repository: each session is one thing that a developer or a machine does with it.

`python run.py <session>` prepares nox and calls a session; `nox -s <session>` does where nox is installed.
What follows the name of the session goes on to the tool: `python run.py tests -k axis`.
"""

from __future__ import annotations

import os
import re
import tomllib
import zipfile
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "tests"]

# Where it is set, every start of Python compiles every library again: seconds for each process a test starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).resolve().parent
DIST = ROOT / "dist"
SIBLINGS = DIST / "siblings.txt"
CONSTRAINTS = ROOT / "constraints.txt"
"""What every session installs, but for `installed` and `floors`, which ask about other versions."""

OLDER_READER = ("h5py==3.12.1", "numpy==2.2.6", "hdf5plugin==5.0.0")
"""An h5py over HDF5 1.14, as many labs have it, and what unpacks its filters."""

SPREAD = ("-n", str(min(4, os.cpu_count() or 1)), "--dist", "worksteal")
"""How pytest spreads tests over processes: one that is done takes over half of what the slowest still has."""


@dataclass(frozen=True)
class Distribution:
    """One folder of packages/ or simulators/, as its pyproject.toml describes it."""

    folder: Path

    @cached_property
    def _tables(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))

    @property
    def name(self) -> str:
        """Name of the distribution, as in `pip install <name>`."""
        return str(self._tables["project"]["name"])

    @property
    def module(self) -> str:
        """Dotted name of the one package it installs, as in `import <module>`."""
        (marker,) = (self.folder / "src").rglob("py.typed")
        return ".".join(marker.parent.relative_to(self.folder / "src").parts)

    @property
    def where(self) -> str:
        """Folder, as seen from the root."""
        return self.folder.relative_to(ROOT).as_posix()

    @property
    def requirements(self) -> list[str]:
        """What it needs without extras, siblings among it."""
        return list(self._tables["project"]["dependencies"])

    @property
    def editable(self) -> str:
        """What to write behind `-e`: the folder with every extra."""
        extras = ",".join(self._tables["project"].get("optional-dependencies", ()))
        return f"{self.where}[{extras}]" if extras else self.where

    @property
    def has_many_tests(self) -> bool:
        """Whether its tests ask for pytest-xdist: with few tests, one process is done sooner."""
        return any(each.startswith("pytest-xdist") for each in self._tables["dependency-groups"]["test"])

    @property
    def test_group(self) -> str:
        """What to write behind `--group` for all that its own tests need."""
        return f"{self.where}/pyproject.toml:test"


DISTRIBUTIONS = [
    Distribution(path.parent)
    for top in ("packages", "simulators")
    for path in sorted(ROOT.glob(f"{top}/*/pyproject.toml"))
]
EDITABLES = [part for each in DISTRIBUTIONS for part in ("-e", each.editable)]
TEST_GROUPS = [part for each in DISTRIBUTIONS for part in ("--group", each.test_group)]
one_by_one = nox.parametrize(
    "distribution", [nox.param(each, id=each.name.removeprefix("h5modules-")) for each in DISTRIBUTIONS]
)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests but those of `programs`, and every docstring example; all packages from the tree."""
    install_tree(session, *EDITABLES, *TEST_GROUPS, "--group", "test")
    session.run("pytest", *SPREAD, "-m", "not slow", *session.posargs)


@nox.session
def programs(session: nox.Session) -> None:
    """Run the tests that start PyMoDAQ's Dashboard, a browser for the served page, and servers to kill."""
    install_tree(session, *EDITABLES, *TEST_GROUPS, "--group", "test")
    # File by file: the tests of a file look at what one program did.
    session.run("pytest", *SPREAD[:2], "--dist", "loadfile", "-m", "slow", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types and layers."""
    install_tree(session, *EDITABLES, *TEST_GROUPS, "--group", "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    sources = [str((each.folder / "src").relative_to(ROOT)) for each in DISTRIBUTIONS]
    session.run("mypy", *sources, "noxfile.py", "run.py", "conftest.py")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the pages in docs/_build/html; a warning is an error."""
    install_tree(session, *EDITABLES, "--group", "docs")
    build = "sphinx-build -q -W --keep-going -b html docs docs/_build/html".split()
    session.run(*build, *session.posargs, env=own_home(session))


@nox.session(venv_backend="none")
def page(session: nox.Session) -> None:
    """Build the page that `h5modules serve` shows from its sources; it needs Node.js 20 with npm."""
    session.chdir("packages/browsing/web-page")
    session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
    session.run("npm", "run", "build", external=True)


@nox.session
def demo(session: nox.Session) -> None:
    """Run `h5modules demo` in the folder you are in: a simulated scan, saved, shown and plotted."""
    plain = [part for each in DISTRIBUTIONS for part in ("-e", each.where)]
    install_tree(session, *plain, "-e", "packages/cli[demo]")
    home = own_home(session)
    session.chdir(session.invoked_from)
    session.run("h5modules", "demo", *session.posargs, env=home)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what saving and loading costs; `bench point log --rounds 20 --json FILE --plot FILE.png`."""
    install_tree(session, *EDITABLES)
    session.run("python", "benchmarks/bench.py", *session.posargs, env=own_home(session))


@nox.session
def wheels(session: nox.Session) -> None:
    """Build a wheel and an sdist of every distribution into dist/."""
    for old in DIST.glob("*"):
        old.unlink()
    build = "uv build --quiet --out-dir dist --build-constraints constraints.txt".split()
    for each in DISTRIBUTIONS:
        session.run(*build, each.where)
    refuse_shared_files(session)
    # One address a sibling: a wheel on an index could carry the same version, a file cannot be mistaken.
    lines = [f"{each.name} @ {wheel_of(each).as_uri()}\n" for each in DISTRIBUTIONS]
    SIBLINGS.write_text("".join(lines), "utf-8")
    session.log("built %d distributions in %s", len(lines), DIST)


@nox.session(reuse_venv=False, requires=["wheels"])
@one_by_one
def installed(session: nox.Session, distribution: Distribution) -> None:
    """Install each wheel alone with what it declares, import it, run its tests against it."""
    session.install("--constraints", str(SIBLINGS), distribution.name)
    try_alone(session, distribution)


@nox.session(reuse_venv=False, requires=["wheels"])
@one_by_one
def floors(session: nox.Session, distribution: Distribution) -> None:
    """Do as `installed`, with the lowest version of everything that is declared."""
    lowest = ("--resolution", "lowest-direct", "--constraints", str(SIBLINGS))
    # "direct" is what stands on the command line: without naming them, siblings bring the newest numpy.
    session.install(*lowest, distribution.name, *third_party(distribution))
    try_alone(session, distribution, *lowest, *third_party(distribution))


@nox.session
def crash(session: nox.Session) -> None:
    """Kill writers of every kind and count what is lost: `crash --kills 2000 --seed 1 --json FILE`."""
    install_tree(session, *EDITABLES)
    session.run("python", "integration-tests/crash_campaign.py", *session.posargs, env=own_home(session))


@nox.session
def older(session: nox.Session) -> None:
    """Read with HDF5 1.14.4, by h5py 3.12, what the packages of the tree write."""
    folder = Path(session.create_tmp()).resolve()
    script = ROOT / "integration-tests" / "older_hdf5.py"
    install_tree(session, "-e", "packages/backends[tables,filters]")
    session.run("python", str(script), "write", str(folder))
    reader = folder / "reader"
    session.run("uv", "venv", "--quiet", "--clear", str(reader))
    python = reader / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    session.run("uv", "pip", "install", "--quiet", "--python", str(python), *OLDER_READER)
    session.run(str(python), str(script), "read", str(folder), external=True)


@nox.session(venv_backend="none")
def bump(session: nox.Session) -> None:
    """Write a version into VERSION and into every pin between siblings: `bump 0.2.0`."""
    if len(session.posargs) != 1 or not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", session.posargs[0]):
        session.error("say the one version to write, such as 0.2.0 or 0.2.0rc1")
    (version,) = session.posargs
    names = "|".join(re.escape(each.name) for each in DISTRIBUTIONS)
    pin = re.compile(rf'("(?:{names})(?:\[[\w,-]+\])?==)[^"]+')
    for each in DISTRIBUTIONS:
        path = each.folder / "pyproject.toml"
        path.write_text(pin.sub(rf"\g<1>{version}", path.read_text("utf-8")), "utf-8", newline="\n")
    (ROOT / "VERSION").write_text(f"{version}\n", "utf-8", newline="\n")


@nox.session
def constraints(session: nox.Session) -> None:
    """Compile constraints.txt again; `constraints --upgrade` takes the newest of everything."""
    wanted = Path(session.create_tmp()) / "distributions.in"
    wanted.write_text("".join(f"-e ./{each.editable}\n" for each in DISTRIBUTIONS), "utf-8")
    groups = [part for name in root_groups() for part in ("--group", name)]
    ours = [part for each in DISTRIBUTIONS for part in ("--no-emit-package", each.name)]
    # One version for every Python from the lowest on (`fewest`), so that all of them test the same thing.
    compile_all = "uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest".split()
    # Nothing of the machine that compiles goes into the file.
    silent = "--no-header --no-annotate --no-emit-index-url --no-emit-find-links".split()
    session.run(
        *(*compile_all, *silent, *ours, *groups, *TEST_GROUPS, *session.posargs),
        *("--output-file", CONSTRAINTS.name, str(wanted)),
    )


def install_tree(session: nox.Session, *wanted: str) -> None:
    """Install packages of the tree as editable, and what they need, unless the environment has just that."""
    projects = [ROOT / "pyproject.toml", *(each.folder / "pyproject.toml" for each in DISTRIBUTIONS)]
    described = [*projects, ROOT / "VERSION", CONSTRAINTS]
    asked = "\n".join([*wanted, *(path.read_text("utf-8") for path in described)])
    stamp = Path(session.virtualenv.location) / "installed-from-tree.txt"
    if stamp.exists() and stamp.read_text("utf-8") == asked:
        return
    session.log("installing the packages of the tree, with what constraints.txt pins (a minute, once)")
    session.install("--constraints", str(CONSTRAINTS), *wanted, log=False)
    stamp.write_text(asked, "utf-8")


def try_alone(session: nox.Session, distribution: Distribution, *how: str) -> None:
    """Import an installed distribution from an empty folder, then run its tests there."""
    how = how or ("--constraints", str(SIBLINGS))
    session.run("uv", "pip", "check")
    empty, home = Path(session.create_tmp()).resolve(), own_home(session)
    module = distribution.module
    look = f"import sys, {module}; assert {module}.__file__.startswith(sys.prefix), {module}.__file__"
    with session.chdir(empty):
        session.run("python", "-I", "-W", "error", "-c", look, env=home)
    session.install(*how, distribution.name, "--group", distribution.test_group)
    with session.chdir(empty):
        spread = SPREAD if distribution.has_many_tests else ()
        session.run("pytest", str(distribution.folder / "tests"), *spread, *session.posargs)


def own_home(session: nox.Session) -> dict[str, str | None]:
    """Keep pymodaq_data, which writes into the home folder when it is imported, within the session's."""
    home = str(Path(session.create_tmp()).resolve())
    return {"HOME": home, "USERPROFILE": home}


def third_party(distribution: Distribution) -> list[str]:
    """Give every requirement from outside that a distribution and the siblings below it declare."""
    known = {each.name: each for each in DISTRIBUTIONS}
    found: list[str] = []
    for requirement in distribution.requirements:
        sibling = known.get(re.split(r"[\[=<>!~ ;]", requirement, maxsplit=1)[0])
        found += third_party(sibling) if sibling else [requirement]
    return sorted(set(found))


def wheel_of(distribution: Distribution) -> Path:
    """Give the one wheel of a distribution in dist/."""
    (wheel,) = DIST.glob(f"{distribution.name.replace('-', '_')}-*.whl")
    return wheel


def refuse_shared_files(session: nox.Session) -> None:
    """Fail when two wheels hold the same file: removing one of them would break the other."""
    files = Counter(name for each in DISTRIBUTIONS for name in zipfile.ZipFile(wheel_of(each)).namelist())
    if shared := sorted(name for name, times in files.items() if times > 1):
        session.error(f"in more than one wheel: {', '.join(shared)}")


def root_groups() -> list[str]:
    """Give the names of the dependency groups in the root's pyproject.toml."""
    return list(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"])
