"""Copies between two files of the library: nothing of what was there is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from h5modules.backends._array_spec import ArraySpec
from h5modules.backends._codec import RawValue
from h5modules.backends._compression import Compression
from h5modules.backends._copying import Packing, copy_tree
from h5modules.backends._driver import Driver, NodeKind
from h5modules.backends._errors import FileAccessError, FileTakenError, NodeError, NodeExistsError
from h5modules.backends._file_copies import Destination, save_file

from ._attributes import assert_same_attribute
from ._cases import assert_same_rows, assert_same_values, own_names
from ._files import fill
from ._fixtures import DriverFixtures, MakeTarget, Opener
from ._strategies import trees


def build(file: Driver, path: str, tree: dict[str, object]) -> None:
    """Write a tree as `trees` makes them below a group."""
    for name, content in tree.items():
        below = f"{path.rstrip('/')}/{name}"
        if isinstance(content, dict):
            file.create_group(below)
            build(file, below, content)
        elif isinstance(content, list):
            file.create_ragged(below, content[0].dtype)
            for row in content:
                file.append(below, row)
        else:
            values = np.asarray(content)
            file.create_array(below, ArraySpec(values.shape, values.dtype), values)
        file.write_attributes(below, {"name": name})


def check_same_tree(one: Driver, path: str, other: Driver, twin: str) -> None:
    """Check that two nodes and all below them hold the same: kinds, values, layouts, attributes, order."""
    assert one.kind(path) is other.kind(twin)
    _check_same_attributes(one, path, other, twin)
    if one.kind(path) is NodeKind.GROUP:
        assert one.child_names(path) == other.child_names(twin)
        for name in one.child_names(path):
            check_same_tree(one, f"{path.rstrip('/')}/{name}", other, f"{twin.rstrip('/')}/{name}")
    elif one.kind(path) is NodeKind.VLARRAY:
        assert_same_rows(other.read(twin), one.read(path))
    else:
        assert_same_values(other.read(twin), one.read(path))
        assert one.array_info(path).compression == other.array_info(twin).compression
        assert one.array_info(path).enlargeable == other.array_info(twin).enlargeable


def _check_same_attributes(one: Driver, path: str, other: Driver, twin: str) -> None:
    names = own_names(one, path)
    assert names == own_names(other, twin)
    values: dict[str, RawValue] = {name: one.read_attribute(path, name) for name in names}
    for name, value in values.items():
        assert_same_attribute(other.read_attribute(twin, name), value)


class CopyTests(DriverFixtures):
    """Nodes and whole files, copied."""

    def _rich(self, file: Driver) -> None:
        fill(file)
        packing = Compression("gzip", 5) if "gzip" in self.abilities.compressions else None
        spec = ArraySpec((100, 3), np.dtype("f8"), chunks=(10, 3), compression=packing, fill_value=np.nan)
        file.create_array("/group/packed", spec, np.arange(300.0).reshape(100, 3))
        file.create_array("/group/flags", ArraySpec((3,), np.dtype(bool)), np.array([True, False, True]))
        file.link("/array", "/group/second")
        file.link("/group", "/group/again")
        file.write_attributes("/", {"title": "file", "number": np.complex128(1j)})

    def test_copy_of_a_node(self, driver: Driver, opened: Opener, make_target: MakeTarget) -> None:
        self._rich(driver)
        other = opened(make_target(), "w")
        other.create_group("/there")
        copy_tree(driver, "/group/packed", other, "/there/packed")
        copy_tree(driver, "/rows", other, "/rows")
        check_same_tree(driver, "/group/packed", other, "/there/packed")
        check_same_tree(driver, "/rows", other, "/rows")
        assert driver.array_info("/group/packed").chunks == other.array_info("/there/packed").chunks

    def test_copy_of_a_group_keeps_links(
        self, driver: Driver, opened: Opener, make_target: MakeTarget
    ) -> None:
        self._rich(driver)
        driver.link("/group/packed", "/group/twin")
        other = opened(make_target(), "w")
        copy_tree(driver, "/group", other, "/copied")
        assert other.identity("/copied/packed") == other.identity("/copied/twin")
        assert other.identity("/copied") == other.identity("/copied/again/again")
        assert_same_values(other.read("/copied/second"), np.arange(3.0))

    def test_copy_of_a_file(
        self, driver: Driver, opened: Opener, make_target: MakeTarget, options: dict[str, object]
    ) -> None:
        self._rich(driver)
        target = make_target()
        assert save_file(driver, Destination(target, self.driver_class, options)) == []
        other = opened(target)
        assert driver.child_names("/") == other.child_names("/")
        for name in ("array", "growing", "rows", "group/packed", "group/flags"):
            check_same_tree(driver, f"/{name}", other, f"/{name}")
        assert other.identity("/array") == other.identity("/group/second")
        assert other.identity("/group") == other.identity("/group/again")
        assert other.read_attribute("/", "number") == 1j
        driver.write("/array", 0, 5.0)
        assert_same_values(other.read("/array"), np.arange(3.0))

    def test_chosen_compression(
        self, driver: Driver, opened: Opener, make_target: MakeTarget, options: dict[str, object]
    ) -> None:
        self._rich(driver)
        target = make_target()
        save_file(
            driver, Destination(target, self.driver_class, options), packing=Packing(Compression(level=0))
        )
        other = opened(target)
        assert other.array_info("/group/packed").compression is None
        assert_same_values(other.read("/group/packed"), driver.read("/group/packed"))

    def test_file_that_is_there_is_kept(
        self, driver: Driver, opened: Opener, make_target: MakeTarget, options: dict[str, object]
    ) -> None:
        fill(driver)
        target = make_target()
        opened(target, "w").close()
        with pytest.raises(FileTakenError, match="exists"):
            save_file(driver, Destination(target, self.driver_class, options))
        other = opened(target)
        assert other.child_names("/") == []
        other.close()
        save_file(driver, Destination(target, self.driver_class, options, overwrite=True))
        assert opened(target).child_names("/") == ["array", "group", "growing", "rows"]

    def test_open_file_cannot_be_replaced(
        self, driver: Driver, target: Path | str, options: dict[str, object]
    ) -> None:
        fill(driver)
        with pytest.raises(FileAccessError, match="is the file that is open"):
            save_file(driver, Destination(target, self.driver_class, options, overwrite=True))
        assert_same_values(driver.read("/array"), np.arange(3.0))

    def test_bad_places_are_refused(self, driver: Driver, opened: Opener, make_target: MakeTarget) -> None:
        fill(driver)
        other = opened(make_target(), "w")
        other.create_group("/taken")
        with pytest.raises(NodeExistsError, match=r"/taken.* exists"):
            copy_tree(driver, "/array", other, "/taken")
        with pytest.raises(NodeError, match="no group '/nothing'"):
            copy_tree(driver, "/array", other, "/nothing/new")
        with pytest.raises(NodeError, match="no node '/nothing'"):
            copy_tree(driver, "/nothing", other, "/new")
        with pytest.raises(NodeExistsError, match="not empty"):
            copy_tree(driver, "/", other, "/")
        with pytest.raises(NodeError, match="itself"):
            copy_tree(driver, "/group", driver, "/group/new")
        assert other.child_names("/") == ["taken"]

    def test_any_tree(self, opened: Opener, make_target: MakeTarget, options: dict[str, object]) -> None:
        @settings(max_examples=self.examples)
        @given(trees())
        def check(tree: dict[str, object]) -> None:
            file = opened(make_target(), "w")
            build(file, "/", tree)
            target = make_target()
            save_file(file, Destination(target, self.driver_class, options))
            other = opened(target)
            check_same_tree(file, "/", other, "/")
            file.create_group("/only here")
            copy_tree(other, "/", file, "/only here/twin")
            check_same_tree(other, "/", file, "/only here/twin")
            other.close()
            file.close()

        check()
