"""What all tests of the suite stand on: how a driver's files are made, opened and looked at."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias

import pytest

from h5modules.backends._abilities import Abilities
from h5modules.backends._driver import Driver, OpenMode

from ._raw import RawReader

MakeTarget: TypeAlias = Callable[[], Path | str]
Fingerprint: TypeAlias = Callable[[Path | str], Hashable]


class Opener(Protocol):
    """Opens a file with the driver under test; the test's end closes it."""

    def __call__(self, target: Path | str, mode: OpenMode = "r") -> Driver: ...


class DriverFixtures:
    """Says what is particular to a driver; a test class overrides what differs."""

    driver_class: ClassVar[type[Driver]]
    """The class under test; it has to be registered under the name of its `library`."""

    examples: ClassVar[int] = 25
    """How many examples hypothesis tries in each of its tests."""

    many: ClassVar[int] = 10_000
    """How many children a large group has."""

    large_text: ClassVar[int] = 1_000_000
    """How long a large attribute is."""

    @property
    def abilities(self) -> Abilities:
        """What the driver declares to be able to do."""
        return self.driver_class.abilities

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        """Return what `Driver.open` needs besides target and mode."""
        return {}

    @pytest.fixture
    def make_target(self, tmp_path: Path) -> MakeTarget:
        """Return a function that gives another target for a new file each time."""
        numbers = itertools.count()
        return lambda: tmp_path / f"file{next(numbers)}.h5"

    @pytest.fixture
    def look(self) -> RawReader:
        """Return what opens a closed file by the library alone."""
        raise NotImplementedError(f"{type(self).__name__} has to override the fixture 'look'")

    @pytest.fixture
    def fingerprint(self) -> Fingerprint:
        """Return a function that tells whether anything in a closed file changed."""
        return lambda target: hashlib.sha256(Path(target).read_bytes()).hexdigest()

    @pytest.fixture
    def opened(self, options: dict[str, Any]) -> Iterator[Opener]:
        """Return the function that opens files with the driver."""
        with ExitStack() as files:

            def open_driver(target: Path | str, mode: OpenMode = "r") -> Driver:
                return files.enter_context(closing(self.driver_class.open(target, mode, **options)))

            yield open_driver

    @pytest.fixture
    def target(self, make_target: MakeTarget) -> Path | str:
        """Return where the test's file is."""
        return make_target()

    @pytest.fixture
    def driver(self, opened: Opener, target: Path | str) -> Driver:
        """Return a new, empty, open file at `target`."""
        return opened(target, "w")
