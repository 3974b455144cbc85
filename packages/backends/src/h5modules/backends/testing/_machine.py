"""Any order of operations: a driver and the in-memory driver do the same, and have to agree."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from h5modules.backends._array_spec import ArraySpec
from h5modules.backends._driver import Driver, NodeKind
from h5modules.backends._errors import H5ModulesError
from h5modules.backends._memory import MemoryDriver

from ._attributes import assert_same_attribute
from ._cases import assert_same_rows, assert_same_values, own_names
from ._fixtures import DriverFixtures, MakeTarget, Opener
from ._strategies import array_values, raw_attributes

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
ROWS = st.lists(st.floats(-10, 10), max_size=3).map(np.array)
_numbers = itertools.count()


class DriverMachine(RuleBasedStateMachine):
    """Does what hypothesis thinks of to a file and to a model of it.

    Parameters
    ----------
    file
        A new, empty, open file of the driver under test.
    reopen
        Closes it and opens it again, to be changed.
    """

    def __init__(self, file: Driver, reopen: Callable[[Driver], Driver]) -> None:
        super().__init__()
        self._file = file
        self._reopen = reopen
        self._model = MemoryDriver.open(f"model {next(_numbers)}", "w")
        self._attributes = raw_attributes(file.abilities)

    def _both(self, doing: Callable[[Driver], Any]) -> None:
        outcomes = [_outcome(doing, driver) for driver in (self._model, self._file)]
        assert outcomes[0] == outcomes[1]

    @rule(path=PATHS)
    def create_group(self, path: str) -> None:
        """Create a group."""
        self._both(lambda file: file.create_group(path))

    @rule(path=PATHS, values=array_values())
    def create_array(self, path: str, values: np.ndarray[Any, Any]) -> None:
        """Create an array of a fixed shape."""
        self._both(lambda file: file.create_array(path, ArraySpec(values.shape, values.dtype), values))

    @rule(path=PATHS)
    def create_growing(self, path: str) -> None:
        """Create an array that grows."""
        spec = ArraySpec((0,), np.dtype("f8"), enlargeable=True)
        self._both(lambda file: file.create_array(path, spec))

    @rule(path=PATHS)
    def create_ragged(self, path: str) -> None:
        """Create a list of rows."""
        self._both(lambda file: file.create_ragged(path, "f8"))

    @rule(path=PATHS, row=ROWS)
    def append(self, path: str, row: np.ndarray[Any, Any]) -> None:
        """Append to whatever is there."""
        self._both(lambda file: file.append(path, row))

    @rule(path=PATHS, index=st.integers(-3, 3), value=st.sampled_from([0, 1, True, 1.5]))
    def write(self, path: str, index: int, value: float) -> None:
        """Write to whatever is there."""
        self._both(lambda file: file.write(path, index, value))

    @rule(path=PATHS, name=NAMES, data=st.data())
    def write_attribute(self, path: str, name: str, data: st.DataObject) -> None:
        """Write an attribute."""
        value = data.draw(self._attributes)
        self._both(lambda file: file.write_attributes(path, {name: value}))

    @rule(path=PATHS, name=NAMES)
    def delete_attribute(self, path: str, name: str) -> None:
        """Delete an attribute."""
        self._both(lambda file: file.delete_attribute(path, name))

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        """Delete a node."""
        self._both(lambda file: file.delete(path))

    @rule(source=PATHS, place=PATHS)
    def move(self, source: str, place: str) -> None:
        """Move a node."""
        self._both(lambda file: file.move(source, place))

    @rule(source=PATHS, place=PATHS)
    def link(self, source: str, place: str) -> None:
        """Give a node a second name."""
        self._both(lambda file: file.link(source, place))

    @rule(source=PATHS, place=PATHS)
    def copy(self, source: str, place: str) -> None:
        """Copy a node."""
        self._both(lambda file: file.copy(source, place))

    @rule()
    def reopen(self) -> None:
        """Close the file and open it again."""
        self._file = self._reopen(self._file)

    @invariant()
    def agree(self) -> None:
        """Compare all that both hold."""
        seen: dict[Hashable, Hashable] = {}
        waiting = ["/"]
        while waiting:
            path = waiting.pop()
            expected, actual = self._model.identity(path), self._file.identity(path)
            if expected in seen:
                assert seen[expected] == actual
                continue
            assert actual not in seen.values()
            seen[expected] = actual
            self._agree_on(path)
            if self._model.kind(path) is NodeKind.GROUP:
                waiting += [f"{path.rstrip('/')}/{name}" for name in self._model.child_names(path)]

    def _agree_on(self, path: str) -> None:
        model, file = self._model, self._file
        kind = model.kind(path)
        assert file.kind(path) is kind
        names = own_names(model, path)
        assert own_names(file, path) == names
        for name in names:
            assert_same_attribute(file.read_attribute(path, name), model.read_attribute(path, name))
        if kind is NodeKind.GROUP:
            assert file.child_names(path) == model.child_names(path)
            assert list(file.iter_children(path)) == list(model.iter_children(path))
        elif kind is NodeKind.VLARRAY:
            assert_same_rows(file.read(path), model.read(path))
        else:
            assert_same_values(file.read(path), model.read(path))

    def teardown(self) -> None:
        """Close both."""
        self._file.close()
        self._model.close()
        MemoryDriver.delete_file(self._model.filename)


def _outcome(doing: Callable[[Driver], Any], file: Driver) -> Any:
    try:
        doing(file)
    except H5ModulesError as error:
        return type(error)
    return None


class OrderTests(DriverFixtures):
    """Operations in any order."""

    def test_any_order_of_operations(self, opened: Opener, make_target: MakeTarget) -> None:
        targets: dict[str, Any] = {}

        def reopen(file: Driver) -> Driver:
            file.close()
            return opened(targets[file.filename], "r+")

        class Machine(DriverMachine):
            def __init__(self) -> None:
                target = make_target()
                file = opened(target, "w")
                targets[file.filename] = target
                super().__init__(file, reopen)

        limits = settings(max_examples=self.examples, stateful_step_count=30, deadline=None)
        run_state_machine_as_test(Machine, settings=limits)
