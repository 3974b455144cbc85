"""`H5Backend` and its nodes over the driver: what PyMoDAQ's users call."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from h5modules.backends._backend import H5Backend
from h5modules.backends._codec import same
from h5modules.backends._enums import GroupType
from h5modules.backends._errors import NodeError, NodeExistsError, NodeNameError
from h5modules.backends._nodes import CARRAY, EARRAY, GROUP, VLARRAY, StringARRAY

from ._cases import assert_same_values
from ._fixtures import DriverFixtures, MakeTarget
from ._raw import RawReader
from ._strategies import attribute_values, names

VALUES: dict[str, Any] = {
    "none": None,
    "bool": True,
    "int": -12345678901234567890,
    "float": 0.1,
    "nan": float("nan"),
    "complex": 1 - 2j,
    "text": "µm",
    "text like a number": "1",
    "text with NUL": "a\0b",
    "bytes": b"\xff\0",
    "tuple": (1, 2.5, "x", None, (True, [])),
    "list": [1, (2,), float("inf")],
    "dict": {"a": 1, 2: [3]},
    "set": {1, 2},
    "date": datetime.date(2020, 2, 29),
    "time": datetime.time(12, 30, 1, 5),
    "datetime": datetime.datetime(2020, 2, 29, 12, tzinfo=datetime.UTC),
    "timedelta": datetime.timedelta(days=-1, seconds=3),
    "numpy integer": np.int32(7),
    "numpy float": np.float64(0.1),
    "numpy bool": np.bool_(True),
    "numpy complex": np.complex64(1j),
    "array": np.arange(6, dtype=">i2").reshape(2, 3),
    "array of bool": np.array([True, False]),
    "array of text": np.array(["nm", "counts"]),
    "array without dimensions": np.array(2.5),
}


class BackendTests(DriverFixtures):
    """The public faces."""

    @pytest.fixture
    def file(self, target: Path | str, options: dict[str, Any]) -> Iterator[H5Backend]:
        """Return a new open file."""
        backend = H5Backend(self.driver_class.library)
        backend.open_file(target, "w", title="Test file", **options)
        with backend:
            yield backend

    def _reopened(
        self, file: H5Backend, target: Path | str, options: dict[str, Any], mode: Any = "r"
    ) -> H5Backend:
        file.open_file(target, mode, **options)
        return file

    def test_root(self, file: H5Backend, target: Path | str, look: RawReader) -> None:
        assert file.isopen()
        assert file.root().title == "Test file"
        assert file.root().path == file.root().name == "/"
        assert file.get_parent_node("/") is None
        assert file.filename == str(target)
        file.close_file()
        assert not file.isopen()
        assert file.h5file is None
        with look(target) as raw:
            attributes = raw.attributes("/")
        assert attributes["TITLE"] == "Test file"
        assert {"pymodaq_version", "pymodaq_data_version", "date", "time"} <= set(attributes)

    def test_node_classes(self, file: H5Backend, target: Path | str, options: dict[str, Any]) -> None:
        group = file.get_set_group("/", "Group", title="A group", origin="test")
        file.create_carray(group, "Fixed", np.arange(3.0), title="fixed")
        file.create_earray("/Group", "Growing", "f4", (2,), title="growing")
        file.create_vlarray("/Group/", "Rows", "i4", title="rows")
        file.create_vlarray(group, "Text", "string", title="text")
        kinds = {"Fixed": CARRAY, "Growing": EARRAY, "Rows": VLARRAY, "Text": StringARRAY}
        for again in (file, self._reopened(file, target, options)):
            group = again.get_set_group("/", "Group")
            assert group.children_name() == sorted(kinds)
            assert {name: type(node) for name, node in group.children().items()} == kinds
            assert {name: type(again.get_node(group, name)) for name in kinds} == kinds
            assert {node.name: type(node) for node in again.walk_nodes(group)} == {"Group": GROUP, **kinds}
            assert [node.title for node in group.children().values()] == ["fixed", "growing", "rows", "text"]
            assert group.attrs["origin"] == "test"
            assert group.get_child("Text").parent_node == group
            assert again.is_node_in_group("/Group", "fixed")
            assert again.get_group_by_title("/", "A group") == group
            assert again.get_group_by_title("/", "another") is None

    def test_texts(self, file: H5Backend, target: Path | str, options: dict[str, Any]) -> None:
        texts = ["", "hello", "é数据🙂", "a\nb", "x" * 10_000, "nul \0 inside"]
        rows = file.create_vlarray("/", "Logger", "string")
        for text in texts:
            rows.append(text)
        assert rows.attrs["shape"] == (0,) or rows.attrs["shape"] == (6,)
        again = self._reopened(file, target, options, "a").get_node("/Logger")
        assert isinstance(again, StringARRAY)
        assert again.attrs["shape"] == (6,)
        assert again.read() == texts
        assert again[1] == "hello"
        assert again[-1] == texts[-1]
        assert again[1:3] == texts[1:3]
        assert again[[0, 2]] == [texts[0], texts[2]]
        again.append("more")
        assert len(again) == 7
        assert file.read(again)[-1] == "more"

    def test_growing(self, file: H5Backend, target: Path | str, options: dict[str, Any]) -> None:
        array = file.create_earray("/", "Growing", "f8", (2,))
        array.append(np.ones(2))
        array.append(np.zeros((3, 2)))
        numbers = file.create_earray("/", "Numbers", "i8")
        numbers.append(np.array([1, 2]))
        numbers.append(np.array(3))
        column = file.create_earray("/", "Column", "f8", (1,))
        column.append(np.array([1.0]))
        column.append(np.array([2.0, 3.0]))
        file = self._reopened(file, target, options)
        assert file.get_node("/Growing").attrs["shape"] == (4, 2)
        assert file.get_node("/Numbers").attrs["shape"] == (3,)
        assert_same_values(file.read("/Growing"), np.array([[1.0, 1], [0, 0], [0, 0], [0, 0]]))
        assert_same_values(file.read("/Numbers"), np.array([1, 2, 3]))
        assert_same_values(file.read("/Column"), np.array([[1.0], [2], [3]]))

    @pytest.mark.parametrize("name", VALUES)
    def test_attribute_comes_back(
        self, file: H5Backend, target: Path | str, options: dict[str, Any], name: str
    ) -> None:
        value = VALUES[name]
        file.add_group("Group", GroupType.data, "/", metadata={"meta": value})
        file.set_attr("/Group", "value", value)
        file = self._reopened(file, target, options)
        assert same(file.get_attr("/Group", "value"), value)
        assert same(file.get_node("/Group").attrs.to_dict()["meta"], value)
        assert file.has_attr("/Group", "meta")
        assert file.get_node("/Group").attrs["type"] == GroupType.data

    def test_any_attribute(self, file: H5Backend) -> None:
        group = file.add_group("Group", "any", "/")

        @settings(max_examples=self.examples * 4)
        @given(names().filter(lambda name: name not in ("CLASS", "TITLE", "title")), attribute_values())
        def check(name: str, value: Any) -> None:
            group.attrs[name] = value
            assert same(group.attrs[name], value)
            del group.attrs[name]

        check()

    def test_titles(self, file: H5Backend) -> None:
        for title in ("", "plain", "1", "null", "é"):
            group = file.get_set_group("/", f"Group{len(file.root().children_name())}", title=title)
            assert group.title == title
            assert group.attrs["title"] == title

    def test_walking(self, file: H5Backend) -> None:
        for path in ("/", "/A", "/A/B"):
            group = file.get_node(path)
            file.create_carray(group, "Data", np.arange(2))
            if path != "/A/B":
                file.get_set_group(group, "B" if path == "/A" else "A")
        paths = ["/", "/A", "/A/B", "/A/B/Data", "/A/Data", "/Data"]
        assert [node.path for node in file.walk_nodes()] == paths
        assert [node.path for node in file.walk_groups()] == ["/", "/A", "/A/B"]
        assert [node.path for node in file.walk_nodes("/A", depth=1)] == ["/A", "/A/B", "/A/Data"]
        assert [node.path for node in file.walk_nodes(depth=0)] == ["/"]
        assert [node.path for node in file.walk_nodes("/Data")] == ["/Data"]

    def test_changes(self, file: H5Backend, target: Path | str, options: dict[str, Any]) -> None:
        group = file.get_set_group("/", "Group")
        array = file.create_earray(group, "Growing", "f8")
        array.append(np.arange(3.0))
        file.copy_node(array, "/", "Twin")
        file.link_node(array, "/", "Linked")
        moved = file.move_node("/Group", "/", "Moved")
        assert moved.path == "/Moved"
        file.remove_node("/Moved", "Growing")
        file = self._reopened(file, target, options)
        assert file.root().children_name() == ["Linked", "Moved", "Twin"]
        assert file.get_node("/Linked").attrs["shape"] == (3,)
        assert_same_values(file.read("/Linked"), np.arange(3.0))
        assert_same_values(file.read("/Twin"), np.arange(3.0))

    def test_copies(self, file: H5Backend, make_target: MakeTarget, options: dict[str, Any]) -> None:
        group = file.get_set_group("/", "Group", title="to be copied")
        file.create_carray(group, "Data", np.arange(3.0))
        other_target, saved = make_target(), make_target()
        other = H5Backend(self.driver_class.library)
        other.open_file(other_target, "w", **options)
        with other:
            assert file.copy_to(other, group).path == "/Group"
            assert file.copy_to(other, group, "/Group", "Inner").path == "/Group/Inner"
            assert_same_values(other.read("/Group/Inner/Data"), np.arange(3.0))
            assert other.get_node("/Group").title == "to be copied"
        file.save_file_as(saved)
        again = H5Backend(self.driver_class.library)
        again.open_file(saved, **options)
        with again:
            assert again.root().title == "Test file"
            assert_same_values(again.read("/Group/Data"), np.arange(3.0))

    def test_bad_names_are_refused(self, file: H5Backend) -> None:
        for name in ("", ".", "..", "a/b", "/", "a\0b", "\ud800"):
            for make in (
                lambda name: file.get_set_group("/", name),
                lambda name: file.create_carray("/", name, np.zeros(3)),
                lambda name: file.create_earray("/", name, "f8"),
                lambda name: file.create_vlarray("/", name, "string"),
            ):
                with pytest.raises(NodeNameError, match="cannot be the name"):
                    make(name)
        assert file.root().children_name() == []

    def test_errors_name_the_nearest(self, file: H5Backend) -> None:
        file.create_carray("/", "Data00", np.zeros(3))
        with pytest.raises(NodeError, match=r"no node '/Data0'.*did you mean '/Data00'"):
            file.get_node("/Data0")
        with pytest.raises(NodeError, match=r"no node '/Spectra/Raw'.*; '/' holds 'Data00'\.$"):
            file.get_node("/Spectra/Raw")
        with pytest.raises(NodeExistsError, match=r"/Data00.* exists"):
            file.create_carray("/", "Data00", np.zeros(3))
        with pytest.raises(NodeError, match="is not a group"):
            file.get_set_group("/", "Data00")
        with pytest.raises(NodeError, match="is not an array"):
            file.read("/")
        for number in range(20):
            file.get_set_group(file.get_set_group("/", "Many"), f"Group{number:02d}")
        with pytest.raises(NodeError, match=r"'/Many' holds 'Group00', .* and 12 more\.$"):
            file.get_node("/Many/zzz")
        with pytest.raises(NodeError, match=r"'/Many/Group00' is empty\.$"):
            file.get_node("/Many/Group00/zzz")
