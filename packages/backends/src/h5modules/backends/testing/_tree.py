"""The tree: groups, kinds, listing, deleting, moving, copying, and hard links."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from h5modules.backends._array_spec import ArraySpec
from h5modules.backends._driver import Driver, NodeKind
from h5modules.backends._errors import NodeError, NodeExistsError

from ._cases import assert_same_values, own_names
from ._files import FLOATS, fill
from ._fixtures import DriverFixtures, Opener
from ._raw import RawReader

NAMES = (
    "Data00",
    "a b",
    "é",
    "数据",
    ".hidden",
    "a.b",
    "it's",
    'say "x"',
    "100%",
    "a\\b",
    "?#&",
    "n" * 200,
    "_c",
    "0",
)
"""Names that HDF5 takes."""

MAKING: dict[str, Callable[[Driver, str], None]] = {
    "create_group": lambda file, path: file.create_group(path),
    "create_array": lambda file, path: file.create_array(path, ArraySpec((3,), FLOATS)),
    "create_ragged": lambda file, path: file.create_ragged(path, FLOATS),
    "move": lambda file, path: file.move("/group", path),
    "link": lambda file, path: file.link("/group", path),
    "copy": lambda file, path: file.copy("/group", path),
}

NEEDING: dict[str, Callable[[Driver, str], object]] = {
    "raw": lambda file, path: file.raw(path),
    "identity": lambda file, path: file.identity(path),
    "problem": lambda file, path: file.problem(path),
    "child_names": lambda file, path: file.child_names(path),
    "delete": lambda file, path: file.delete(path),
    "move": lambda file, path: file.move(path, "/new"),
    "link": lambda file, path: file.link(path, "/new"),
    "copy": lambda file, path: file.copy(path, "/new"),
    "array_info": lambda file, path: file.array_info(path),
    "read": lambda file, path: file.read(path),
    "write": lambda file, path: file.write(path, 0, 1.0),
    "append": lambda file, path: file.append(path, np.zeros((1, 2))),
    "writer": lambda file, path: file.writer(path),
    "attribute_names": lambda file, path: file.attribute_names(path),
    "read_attribute": lambda file, path: file.read_attribute(path, "units"),
    "read_attributes": lambda file, path: file.read_attributes(path),
    "write_attributes": lambda file, path: file.write_attributes(path, {"units": "s"}),
    "delete_attribute": lambda file, path: file.delete_attribute(path, "units"),
}


class TreeTests(DriverFixtures):
    """The nodes of a file."""

    def test_kinds(self, driver: Driver) -> None:
        fill(driver)
        assert driver.kind("/") is NodeKind.GROUP
        assert driver.kind("/group") is NodeKind.GROUP
        assert driver.kind("/array") is NodeKind.CARRAY
        assert driver.kind("/growing") is NodeKind.EARRAY
        assert driver.kind("/rows") is NodeKind.VLARRAY
        assert driver.kind("/nothing") is None
        assert driver.kind("/group/nothing") is None
        assert driver.kind("/nothing/at/all") is None
        assert driver.kind("/array/below") is None

    def test_nodes_tell_their_class(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        fill(driver)
        driver.close()
        with look(target) as raw:
            classes = {name: raw.attributes(f"/{name}")["CLASS"] for name in raw.names("/")}
        assert classes == {"group": "GROUP", "array": "CARRAY", "growing": "EARRAY", "rows": "VLARRAY"}

    @pytest.mark.parametrize("path", ["/group", "/array", "/growing", "/rows", "/"])
    def test_readable_nodes_have_no_problem(self, driver: Driver, path: str) -> None:
        fill(driver)
        assert driver.problem(path) == ""

    @pytest.mark.parametrize("name", NAMES)
    def test_names(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader, name: str
    ) -> None:
        driver.create_group(f"/{name}")
        driver.create_array(f"/{name}/{name}", ArraySpec((2,), FLOATS), np.ones(2))
        assert driver.child_names("/") == [name]
        driver.close()
        with look(target) as raw:
            assert raw.names("/") == [name]
            assert raw.names(f"/{name}") == [name]
        again = opened(target)
        assert list(again.iter_children(f"/{name}")) == [(name, NodeKind.CARRAY)]
        assert_same_values(again.read(f"/{name}/{name}"), np.ones(2))

    def test_names_that_differ_in_case_are_two(self, driver: Driver) -> None:
        driver.create_group("/data")
        driver.create_group("/Data")
        assert driver.child_names("/") == ["Data", "data"]

    def test_children_are_sorted(self, driver: Driver) -> None:
        for name in ("b", "a", "C", "a10", "a9"):
            driver.create_group(f"/{name}")
        assert driver.child_names("/") == ["C", "a", "a10", "a9", "b"]
        assert [name for name, _ in driver.iter_children("/")] == ["C", "a", "a10", "a9", "b"]

    def test_deep_tree(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        path = ""
        for depth in range(40):
            path = f"{path}/level{depth}"
            driver.create_group(path)
        driver.close()
        assert opened(target).kind(path) is NodeKind.GROUP

    def test_large_group(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        names = [f"node{number:05}" for number in range(self.many)]
        for name in reversed(names):
            driver.create_group(f"/{name}")
        driver.close()
        again = opened(target)
        assert [name for name, _ in itertools.islice(again.iter_children("/"), 3)] == names[:3]
        assert again.child_names("/") == names
        assert again.kind(f"/{names[-1]}") is NodeKind.GROUP

    @pytest.mark.parametrize("making", MAKING)
    def test_taken_path_is_refused(self, driver: Driver, making: str) -> None:
        fill(driver)
        for path in ("/array", "/rows", "/"):
            with pytest.raises(NodeExistsError, match="exists"):
                MAKING[making](driver, path)
        assert driver.child_names("/") == ["array", "group", "growing", "rows"]
        assert driver.kind("/array") is NodeKind.CARRAY

    @pytest.mark.parametrize("making", MAKING)
    @pytest.mark.parametrize("above", ["/nothing", "/array", "/array/below", "/nothing/at"])
    def test_place_without_a_group_is_refused(self, driver: Driver, making: str, above: str) -> None:
        fill(driver)
        with pytest.raises(NodeError, match=f"{above.split('/')[1]}"):
            MAKING[making](driver, f"{above}/new")
        assert driver.child_names("/") == ["array", "group", "growing", "rows"]

    @pytest.mark.parametrize("needing", NEEDING)
    def test_missing_node_is_refused(self, driver: Driver, needing: str) -> None:
        fill(driver)
        for path in ("/nothing", "/array/below"):
            with pytest.raises(NodeError, match=path):
                NEEDING[needing](driver, path)
        with pytest.raises(LookupError):
            NEEDING[needing](driver, "/nothing")

    @pytest.mark.parametrize("needing", ["array_info", "read", "write", "append", "writer"])
    def test_group_is_not_an_array(self, driver: Driver, needing: str) -> None:
        fill(driver)
        with pytest.raises(NodeError, match=r"/group.* is not an array"):
            NEEDING[needing](driver, "/group")

    def test_array_has_no_children(self, driver: Driver) -> None:
        fill(driver)
        with pytest.raises(NodeError, match=r"/array.* is not a group"):
            driver.child_names("/array")


class ChangeTests(DriverFixtures):
    """Nodes deleted, moved, copied and linked."""

    def _tree(self, file: Driver) -> None:
        fill(file)
        file.create_group("/group/inner")
        file.create_array("/group/inner/values", ArraySpec((3,), FLOATS), np.arange(3.0))
        file.write_attributes("/group/inner/values", {"units": "V"})

    def test_delete(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        self._tree(driver)
        for name in ("group", "array", "growing"):
            driver.delete(f"/{name}")
        assert driver.kind("/group") is None
        assert driver.kind("/group/inner/values") is None
        driver.close()
        with look(target) as raw:
            assert raw.names("/") == ["rows"]

    def test_deleted_name_can_be_used_again(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        self._tree(driver)
        driver.delete("/group")
        driver.create_array("/group", ArraySpec((2,), FLOATS), np.ones(2))
        driver.delete("/array")
        driver.create_group("/array")
        driver.close()
        again = opened(target)
        assert_same_values(again.read("/group"), np.ones(2))
        assert again.kind("/array") is NodeKind.GROUP
        assert own_names(again, "/array") == []

    @pytest.mark.parametrize(
        "doing", [lambda file: file.delete("/"), lambda file: file.move("/", "/new")], ids=["delete", "move"]
    )
    def test_root_stays(self, driver: Driver, doing: Callable[[Driver], None]) -> None:
        fill(driver)
        with pytest.raises(NodeError, match="root"):
            doing(driver)
        assert driver.child_names("/") == ["array", "group", "growing", "rows"]

    @pytest.mark.parametrize("name", ["group", "array", "growing", "rows"])
    @pytest.mark.parametrize("new", ["/renamed", "/other/renamed"])
    def test_move(self, driver: Driver, target: Path | str, look: RawReader, name: str, new: str) -> None:
        self._tree(driver)
        driver.create_group("/other")
        driver.move(f"/{name}", new)
        assert driver.kind(f"/{name}") is None
        assert driver.kind(new) is not None
        driver.close()
        with look(target) as raw:
            assert name not in raw.names("/")
            if name == "group":
                assert_same_values(raw.values(f"{new}/inner/values"), np.arange(3.0))
                assert raw.attributes(f"{new}/inner/values")["units"] == "V"
            if name == "array":
                assert_same_values(raw.values(new), np.arange(3.0))

    def test_moved_arrays_can_be_written(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        self._tree(driver)
        driver.move("/group", "/moved")
        driver.write("/moved/inner/values", 0, 5.0)
        driver.move("/growing", "/moved/growing")
        driver.append("/moved/growing", np.zeros((1, 2)))
        driver.close()
        again = opened(target)
        assert_same_values(again.read("/moved/inner/values"), np.array([5.0, 1, 2]))
        assert again.array_info("/moved/growing").shape == (3, 2)

    @pytest.mark.parametrize("doing", ["move", "copy"])
    def test_group_cannot_go_into_itself(self, driver: Driver, doing: str) -> None:
        self._tree(driver)
        with pytest.raises(NodeError, match="itself"):
            getattr(driver, doing)("/group", "/group/inner/new")
        assert driver.child_names("/group/inner") == ["values"]

    def test_copy(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        self._tree(driver)
        driver.copy("/group", "/twin")
        driver.copy("/growing", "/twin/growing")
        driver.copy("/rows", "/twin/rows")
        driver.write("/group/inner/values", 0, 9.0)
        driver.append("/twin/growing", np.zeros((1, 2)))
        assert driver.identity("/twin") != driver.identity("/group")
        driver.close()
        with look(target) as raw:
            assert_same_values(raw.values("/twin/inner/values"), np.arange(3.0))
            assert_same_values(raw.values("/group/inner/values"), np.array([9.0, 1, 2]))
            assert raw.attributes("/twin/inner/values")["units"] == "V"
            assert raw.attributes("/twin")["units"] == "nm"
            assert len(raw.values("/twin/growing")) == 3
            assert len(raw.values("/growing")) == 2
            assert len(raw.values("/twin/rows")) == 1


class LinkTests(DriverFixtures):
    """Nodes with several names."""

    def test_linked_node_is_one(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        fill(driver)
        driver.link("/array", "/group/second")
        driver.write("/group/second", 0, 7.0)
        driver.write_attributes("/array", {"units": "s"})
        assert driver.identity("/array") == driver.identity("/group/second")
        assert driver.kind("/group/second") is NodeKind.CARRAY
        assert driver.read_attribute("/group/second", "units") == "s"
        assert_same_values(driver.read("/array"), np.array([7.0, 1, 2]))
        driver.close()
        with look(target) as raw:
            assert raw.is_same("/array", "/group/second")
            assert not raw.is_same("/array", "/growing")
            assert_same_values(raw.values("/group/second"), np.array([7.0, 1, 2]))

    def test_identities_differ(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        fill(driver)
        driver.link("/group", "/second")
        driver.close()
        again = opened(target)
        paths = ["/", "/group", "/array", "/growing", "/rows"]
        assert len({again.identity(path) for path in paths}) == len(paths)
        assert again.identity("/second") == again.identity("/group")

    def test_linked_array_grows_under_both_names(self, driver: Driver) -> None:
        fill(driver)
        driver.link("/growing", "/second")
        driver.append("/second", np.zeros((1, 2)))
        driver.append("/growing", np.zeros((1, 2)))
        assert driver.array_info("/growing").shape == (4, 2)
        assert driver.array_info("/second").shape == (4, 2)

    def test_linked_group_shows_the_same_children(self, driver: Driver) -> None:
        fill(driver)
        driver.link("/group", "/second")
        driver.create_group("/second/child")
        assert driver.child_names("/group") == ["child"]
        driver.delete("/group/child")
        assert driver.child_names("/second") == []

    @pytest.mark.parametrize("name", ["group", "array", "growing", "rows"])
    def test_other_name_outlives_deletion(
        self, driver: Driver, target: Path | str, look: RawReader, name: str
    ) -> None:
        fill(driver)
        driver.link(f"/{name}", "/second")
        driver.delete(f"/{name}")
        assert driver.kind(f"/{name}") is None
        assert driver.kind("/second") is not None
        driver.close()
        with look(target) as raw:
            assert "second" in raw.names("/")
            if name == "array":
                assert_same_values(raw.values("/second"), np.arange(3.0))

    def test_links_stay_shared_in_a_copy(self, driver: Driver, target: Path | str, look: RawReader) -> None:
        driver.create_group("/group")
        driver.create_array("/group/one", ArraySpec((3,), FLOATS), np.arange(3.0))
        driver.link("/group/one", "/group/two")
        driver.copy("/group", "/twin")
        driver.close()
        with look(target) as raw:
            assert raw.is_same("/twin/one", "/twin/two")
            assert not raw.is_same("/twin/one", "/group/one")
            assert_same_values(raw.values("/twin/two"), np.arange(3.0))

    def test_link_back_up(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        fill(driver)
        driver.link("/group", "/group/again")
        driver.close()
        again = opened(target)
        assert again.child_names("/group/again/again") == ["again"]
        assert again.identity("/group/again/again") == again.identity("/group")
