"""Attributes, as a driver keeps them: raw values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h5modules.backends._codec import RawValue
from h5modules.backends._driver import Driver
from h5modules.backends._errors import (
    AttributeMissingError,
    AttributeValueError,
    UndecodableError,
    UnsupportedError,
)

from ._cases import BOOKKEEPING, DTYPES, own_names, sample
from ._files import fill
from ._fixtures import DriverFixtures, Opener
from ._raw import RawReader
from ._strategies import names, raw_attributes

TEXTS = {
    "plain": "nm",
    "empty": "",
    "unicode": "µm² 数据 🙂",
    "lines": "a\nb\tc\r\n",
    "json": '{"a": [1, 2]}',
    "number": "1",
    "blanks": "  ",
    "xml": "<?xml version='1.0'?><a b='c'>é</a>",
    "pickle": "(lp0\nI1\na.",
    "combining": "e\u0301",
}

ARRAYS: dict[str, np.ndarray[Any, Any]] = {
    **{f"numbers {dtype}": sample(np.dtype(dtype), (5,)) for dtype in DTYPES},
    "2D": np.arange(6.0).reshape(2, 3),
    "one number": np.array([1.0]),
    "no numbers": np.empty((0,)),
    "no rows": np.empty((0, 3), "i4"),
    "texts": np.array(["nm", "é", ""], object),
    "one text": np.array(["nm"], object),
    "texts in 2D": np.array([["a", "b"], ["c", "long " * 50]], object),
    "no texts": np.empty((0,), object),
    "large": np.arange(7000.0),
}


def assert_same_attribute(actual: RawValue, expected: RawValue) -> None:
    """Check that two raw values are equal and of one kind; the order of bytes may differ."""
    if isinstance(expected, str | bytes) and not isinstance(expected, np.bytes_):
        assert type(actual) is type(expected)
        assert actual == expected
        return
    assert isinstance(actual, np.ndarray) == isinstance(expected, np.ndarray)
    one, other = np.asarray(actual), np.asarray(expected)
    assert one.dtype.newbyteorder("=") == other.dtype.newbyteorder("=")
    assert one.shape == other.shape
    if other.dtype.kind == "O":
        assert all(isinstance(item, str) for item in one.flat)
    assert np.array_equal(one, other, equal_nan=other.dtype.kind in "fc")


class AttributeTests(DriverFixtures):
    """Attributes of nodes."""

    def _comes_back(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader, value: RawValue
    ) -> None:
        driver.create_group("/group")
        driver.write_attributes("/group", {"name": value})
        assert_same_attribute(driver.read_attribute("/group", "name"), value)
        driver.close()
        with look(target) as raw:
            assert_same_attribute(raw.attributes("/group")["name"], value)
        assert_same_attribute(opened(target).read_attribute("/group", "name"), value)

    @pytest.mark.parametrize("name", TEXTS)
    def test_text(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader, name: str
    ) -> None:
        self._comes_back(driver, opened, target, look, TEXTS[name])

    def test_all_at_once(self, driver: Driver) -> None:
        values: dict[str, RawValue] = {**TEXTS, "array": np.arange(3.0), "left out": "m"}
        driver.create_group("/group")
        driver.write_attributes("/group", values)
        found = driver.read_attributes("/group", without={"left out", *BOOKKEEPING})
        assert list(found) == sorted(values.keys() - {"left out"})
        for name, value in found.items():
            assert not isinstance(value, UndecodableError)
            assert_same_attribute(value, values[name])

    @pytest.mark.parametrize("dtype", [name for name in DTYPES if "S" not in name])
    def test_number(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader, dtype: str
    ) -> None:
        for value in sample(np.dtype(dtype), (5,)):
            driver.write_attributes("/", {"name": value})
            assert_same_attribute(driver.read_attribute("/", "name"), value)
        self._comes_back(driver, opened, target, look, value)

    @pytest.mark.parametrize("name", ARRAYS)
    def test_array(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader, name: str
    ) -> None:
        self._comes_back(driver, opened, target, look, ARRAYS[name])

    def test_bytes_that_are_no_text(
        self, driver: Driver, opened: Opener, target: Path | str, look: RawReader
    ) -> None:
        value = b"\xff\xfe\x00\x01"
        if self.abilities.raw_bytes:
            self._comes_back(driver, opened, target, look, value)
            return
        with pytest.raises(UnsupportedError, match="UTF-8"):
            driver.write_attributes("/", {"name": value})
        assert "name" not in driver.attribute_names("/")

    def test_large_text(self, driver: Driver, opened: Opener, target: Path | str, look: RawReader) -> None:
        value = "<a>é</a>" * (self.large_text // 8)
        limit = self.abilities.largest_text
        if limit is None or len(value.encode()) <= limit:
            self._comes_back(driver, opened, target, look, value)
            return
        driver.write_attributes("/", {"name": "before"})
        with pytest.raises(UnsupportedError, match=f"{limit}"):
            driver.write_attributes("/", {"other": "x", "name": value})
        assert driver.read_attribute("/", "name") == "before"
        assert "other" not in driver.attribute_names("/")
        self._comes_back(driver, opened, target, look, "x" * limit)

    def test_replaced_by_other_types(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        driver.create_group("/group")
        values: list[RawValue] = [
            "text", np.float64(1.5), np.arange(3), "longer text", np.array(["a"], object), np.bool_(True),
            np.complex128(1j), np.arange(6.0).reshape(2, 3), "",
        ]  # fmt: skip
        for value in values:
            driver.write_attributes("/group", {"name": value})
            assert_same_attribute(driver.read_attribute("/group", "name"), value)
            assert own_names(driver, "/group") == ["name"]
            driver.flush()
        driver.close()
        for value in values:
            again = opened(target, "a")
            again.write_attributes("/group", {"name": value})
            again.close()
            again = opened(target)
            assert_same_attribute(again.read_attribute("/group", "name"), value)
            again.close()

    @pytest.mark.parametrize("path", ["/", "/group", "/array", "/growing", "/rows"])
    def test_every_node_has_attributes(
        self, driver: Driver, target: Path | str, look: RawReader, path: str
    ) -> None:
        fill(driver)
        before = set(driver.attribute_names(path))
        driver.write_attributes(path, {"b": "2", "a": np.float64(1), "c": np.arange(2)})
        assert driver.attribute_names(path) == sorted(before | {"a", "b", "c"})
        driver.delete_attribute(path, "b")
        assert driver.attribute_names(path) == sorted(before | {"a", "c"})
        driver.close()
        with look(target) as raw:
            assert {"a", "c"} <= set(raw.attributes(path))
            assert "b" not in raw.attributes(path)

    def test_deleted_attribute_can_be_written_again(
        self, driver: Driver, opened: Opener, target: Path | str
    ) -> None:
        fill(driver)
        driver.write_attributes("/group", {"units": "s"})
        driver.delete_attribute("/group", "units")
        driver.close()
        again = opened(target, "a")
        assert "units" not in again.attribute_names("/group")
        again.write_attributes("/group", {"units": np.arange(2)})
        again.delete_attribute("/group", "units")
        again.write_attributes("/group", {"units": "m"})
        again.close()
        assert opened(target).read_attribute("/group", "units") == "m"

    @pytest.mark.parametrize(
        "name", ["a b", "é", "a/b", ".", "n" * 200, "CLASS2", "title", "shape", "a.b", "%s"]
    )
    def test_attribute_names(self, driver: Driver, opened: Opener, target: Path | str, name: str) -> None:
        driver.create_group("/group")
        driver.write_attributes("/group", {name: "value"})
        driver.close()
        again = opened(target, "a")
        assert own_names(again, "/group") == [name]
        assert again.read_attribute("/group", name) == "value"
        again.delete_attribute("/group", name)
        assert own_names(again, "/group") == []

    @pytest.mark.parametrize("name", ["", "a\0b", "\ud800"], ids=["empty", "NUL", "surrogate"])
    def test_bad_name_is_refused(self, driver: Driver, name: str) -> None:
        before = driver.attribute_names("/")
        with pytest.raises(AttributeValueError, match="name of an attribute"):
            driver.write_attributes("/", {"good": "x", name: "value"})
        with pytest.raises(AttributeMissingError):
            driver.read_attribute("/", name)
        assert driver.attribute_names("/") == before

    @pytest.mark.parametrize(
        "value",
        ["a\0b", "\ud800", np.array(["a\0b"], object), np.array([1, 2], object), np.array(["2020"], "M8[s]"),
         np.zeros(2, [("a", "f8")]), np.zeros(10_000), np.zeros(70_000, "S1")],
        ids=["NUL", "surrogate", "NUL in array", "objects", "dates", "records", "large", "many bytes"],
    )  # fmt: skip
    def test_bad_value_is_refused(self, driver: Driver, value: Any) -> None:
        driver.create_group("/group")
        driver.write_attributes("/group", {"name": "before"})
        with pytest.raises(AttributeValueError, match="name"):
            driver.write_attributes("/group", {"good": "x", "name": value})
        assert own_names(driver, "/group") == ["name"]
        assert driver.read_attribute("/group", "name") == "before"

    def test_missing_attribute_is_refused(self, driver: Driver) -> None:
        fill(driver)
        with pytest.raises(AttributeMissingError, match=r"/array.* has no attribute 'nothing'"):
            driver.read_attribute("/array", "nothing")
        with pytest.raises(AttributeMissingError, match=r"/array.* has no attribute 'nothing'"):
            driver.delete_attribute("/array", "nothing")
        with pytest.raises(KeyError):
            driver.read_attribute("/array", "nothing")

    def test_many_attributes(self, driver: Driver, opened: Opener, target: Path | str) -> None:
        driver.create_group("/group")
        values = {f"name{number:03}": np.float64(number) for number in range(200)}
        driver.write_attributes("/group", values)
        driver.close()
        again = opened(target)
        assert own_names(again, "/group") == list(values)
        assert again.read_attribute("/group", "name150") == 150

    def test_writing_none_is_no_error(self, driver: Driver) -> None:
        driver.write_attributes("/", {})

    def test_any_attributes(self, driver: Driver) -> None:
        driver.create_group("/group")
        keys = names().filter(lambda name: name not in BOOKKEEPING)

        @settings(max_examples=self.examples)
        @given(st.dictionaries(keys, raw_attributes(self.abilities), max_size=4))
        def check(values: dict[str, RawValue]) -> None:
            for name in own_names(driver, "/group"):
                driver.delete_attribute("/group", name)
            driver.write_attributes("/group", values)
            assert own_names(driver, "/group") == sorted(values)
            for name, value in values.items():
                assert_same_attribute(driver.read_attribute("/group", name), value)

        check()
