"""The rules of the repository that no other tool looks after."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points, packages_distributions, version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
VERSION = (ROOT / "VERSION").read_text("utf-8").strip()


@dataclass(frozen=True)
class Distribution:
    """One folder of packages/ or simulators/."""

    folder: Path

    @cached_property
    def tables(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))

    @property
    def name(self) -> str:
        return str(self.tables["project"]["name"])

    @property
    def source(self) -> Path:
        return self.folder / "src"

    @property
    def package(self) -> Path:
        """Folder of the one package that it installs, as seen from the source."""
        if self.folder.parent.name == "simulators":
            return Path(self.name.replace("-", "_"))
        return Path("h5modules", self.folder.name.replace("-", "_"))

    def needs(self) -> list[Requirement]:
        """Give all that is declared for those who use it: plain requirements and extras."""
        project = self.tables["project"]
        extras = project.get("optional-dependencies", {}).values()
        return [Requirement(each) for group in (project["dependencies"], *extras) for each in group]

    def declared(self) -> list[Requirement]:
        """Give all that is declared for whatever purpose."""
        groups = self.tables["dependency-groups"].values()
        return [*self.needs(), *(Requirement(each) for group in groups for each in group)]

    def files(self) -> list[Path]:
        """List what goes into the wheel, as seen from the source."""
        found = (each.relative_to(self.source) for each in self.source.rglob("*") if each.is_file())
        return [each for each in found if "__pycache__" not in each.parts]


DISTRIBUTIONS = [
    Distribution(each.parent)
    for top in ("packages", "simulators")
    for each in sorted(ROOT.glob(f"{top}/*/pyproject.toml"))
]
NAMES = {each.name for each in DISTRIBUTIONS}
each_distribution = pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: each.name)


def ours(group: str) -> list[EntryPoint]:
    return [each for each in entry_points(group=group) if each.dist and each.dist.name in NAMES]


def files_of_repository() -> list[Path]:
    """List what git tracks, and what it would if everything were added."""
    # Where the clone belongs to another user (a container), git refuses to look without this.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for each in listed.split("\0") if each and (path := ROOT / each).is_file()]


def imports_of(path: Path) -> Iterator[str]:
    """Give the top-level names that a module imports, wherever in the module it does."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@each_distribution
def test_the_namespace_has_no_init(distribution: Distribution) -> None:
    # With one, an editable install of a package hides all the others.
    assert not (distribution.source / "h5modules" / "__init__.py").exists()


@each_distribution
def test_a_distribution_is_one_typed_package(distribution: Distribution) -> None:
    package = distribution.package
    assert {package / "__init__.py", package / "py.typed"} <= set(distribution.files())
    assert [each for each in distribution.files() if not each.is_relative_to(package)] == []
    assert [each for each in distribution.files() if each.name == "py.typed"] == [package / "py.typed"]


def test_no_file_is_in_two_wheels() -> None:
    times = Counter(each for distribution in DISTRIBUTIONS for each in distribution.files())
    assert [path for path, count in times.items() if count > 1] == []


@each_distribution
def test_siblings_are_pinned_to_the_one_version(distribution: Distribution) -> None:
    siblings = [each for each in distribution.declared() if each.name in NAMES]
    assert {
        str(each): str(each.specifier) for each in siblings if str(each.specifier) != f"=={VERSION}"
    } == {}


@each_distribution
def test_the_installed_version_is_the_one_version(distribution: Distribution) -> None:
    assert version(distribution.name) == VERSION


@each_distribution
def test_the_licence_is_a_copy_of_the_one_licence(distribution: Distribution) -> None:
    licence = distribution.folder / "LICENSE"
    assert not licence.is_symlink()  # an sdist with a link that leads out of it is refused
    assert licence.read_bytes() == (ROOT / "LICENSE").read_bytes()


def names_of(requirements: list[Requirement]) -> set[str]:
    """Give the names of what is required, and of what the siblings among it require.

    Siblings are pinned to one version, so what they bring is certain.
    """
    names = {canonicalize_name(each.name) for each in requirements}
    below = [names_of(each.needs()) for each in DISTRIBUTIONS if each.name in names]
    return names.union(*below)


@each_distribution
def test_all_that_is_imported_is_declared(distribution: Distribution) -> None:
    # import-linter looks after what is imported from one another.
    own = distribution.package.parts[0]
    known = {*sys.stdlib_module_names, "h5modules", "h5modules_simulators", own}
    providers = packages_distributions()
    declared = names_of(distribution.needs())
    missing: set[str] = set()
    for path in (each for each in distribution.files() if each.suffix == ".py"):
        # h5modules-cli alone imports the `cli` of a layer, and it brings these two.
        given = declared | {"typer", "rich"} if "cli" in path.with_suffix("").parts else declared
        for name in set(imports_of(distribution.source / path)) - known:
            if given.isdisjoint(canonicalize_name(each) for each in providers.get(name, [name])):
                missing.add(f"{path.as_posix()} imports {name}")
    assert sorted(missing) == []


@each_distribution
def test_constraints_pin_all_that_is_declared(distribution: Distribution) -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {line.partition("==")[0] for line in lines}
    wanted = {canonicalize_name(each.name) for each in distribution.declared()} - {
        canonicalize_name(each) for each in NAMES
    }
    assert wanted - pinned == set(), "run `python run.py constraints`"


@pytest.mark.parametrize("group", ["h5modules.backends", "h5modules.commands", "h5modules.devices"])
def test_entry_points_lead_somewhere(group: str) -> None:
    found = ours(group)
    assert found
    assert [each.name for each in found if not callable(each.load())] == []


def test_mypy_knows_every_source() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = {ROOT / each for each in settings["tool"]["mypy"]["mypy_path"]}
    assert listed == {each.source for each in DISTRIBUTIONS}


def test_file_names_of_tests_are_unique() -> None:
    times = Counter(each.name for each in files_of_repository() if each.name.startswith("test_"))
    assert [name for name, count in times.items() if count > 1] == []


def test_an_old_python_can_read_run_py() -> None:
    # It must come as far as being told that it is too old.
    ast.parse((ROOT / "run.py").read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(rb"(?<![\w.~}-])/(?:work|root|tmp|opt|Users)/\w+", id="folder-of-one-machine"),
        pytest.param(rb"\b[A-Z]:[\\/]+Users[\\/]", id="folder-of-one-windows-machine"),
        pytest.param(rb"pypi\.org|python[h]osted|//[^\s/]+/(?:[\w-]+/)*simple\b(?!-)", id="host-of-an-index"),
    ],
)
def test_nothing_of_a_machine_is_in_the_files(pattern: bytes) -> None:
    traces = {
        each.relative_to(ROOT): re.findall(pattern, each.read_bytes()) for each in files_of_repository()
    }
    assert {path: found for path, found in traces.items() if found} == {}
