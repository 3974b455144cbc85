"""How Python values become attributes, and come back."""

from __future__ import annotations

import datetime
import json
from collections import namedtuple
from enum import Enum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5modules.backends import AttributeValueError, UndecodableError
from h5modules.backends._codec import MAX_NUMERIC_BYTES, decode, encode, same
from h5modules.backends.testing import attribute_values

Point = namedtuple("Point", "x y")


class Colour(Enum):
    red = 1


class Text(str):
    __slots__ = ()


ENVELOPED: dict[str, Any] = {
    "None": None,
    "True": True,
    "int": 3,
    "large int": 10**400,
    "bytes": b"\xff\0",
    "tuple": (1, 2.5, "x", None),
    "one-tuple": (1,),
    "empty tuple": (),
    "list": [1, [2, [3]]],
    "set": {1, 2},
    "empty set": set(),
    "frozenset": frozenset({"a"}),
    "dict": {"a": 1, 2: (3,), None: {}},
    "date": datetime.date(2020, 2, 29),
    "time": datetime.time(1, 2, 3, 4),
    "datetime": datetime.datetime(2020, 2, 29, 1, 2, 3, 4),
    "datetime in UTC": datetime.datetime(2020, 2, 29, tzinfo=datetime.UTC),
    "datetime in a zone": datetime.datetime(
        2020, 2, 29, tzinfo=datetime.timezone(datetime.timedelta(hours=-3), "here")
    ),
    "folded datetime": datetime.datetime(2020, 10, 25, 2, 30, fold=1),
    "timedelta": datetime.timedelta(days=-3, microseconds=5),
    "numpy float64": np.float64(0.1),
    "numpy complex128": np.complex128(1j),
    "numpy bytes": np.bytes_(b"\xff\0"),
    "NaN inside": (float("nan"), float("-inf"), complex(float("nan"), float("inf"))),
    "numpy inside": [np.float32(0.1), np.int8(-3), np.bool_(True), np.complex64(1j), np.float64("nan")],
    "array inside": (np.arange(3), np.array(["a"])),
    "array without dimensions": np.array(2.5),
    "text that is a number": "1",
    "text that is a float": "1e3",
    "text that is true": "true",
    "text that is NaN": "NaN",
    "text that is a list": " [1]",
    "text that is JSON": '{"a": 1}',
    "text that is an envelope": '{"module": "builtins", "type": "int", "data": "3"}',
    "text with NUL": "a\0b",
    "text with a surrogate": "\ud800",
}

NATIVE: dict[str, Any] = {
    "text": "nm",
    "empty text": "",
    "unicode": "µm 数据",
    "number with a unit": "1 nm",
    "float": 0.1,
    "NaN": float("nan"),
    "infinity": float("-inf"),
    "complex": 1 - 2j,
    "int32": np.int32(-3),
    "uint64": np.uint64(2**64 - 1),
    "float16": np.float16(0.1),
    "complex64": np.complex64(1j),
    "bool_": np.bool_(False),
    "longdouble": np.longdouble(1) / 3,
    "array": np.arange(6.0).reshape(2, 3),
    "big-endian array": np.arange(3, dtype=">i2"),
    "array of bool": np.array([True, False]),
    "array of bytes": np.array([b"a", b"bc"]),
    "array of text": np.array(["nm", "é"]),
    "empty array": np.empty((0, 3)),
}


@pytest.mark.parametrize("name", ENVELOPED)
def test_other_types_are_kept_in_the_envelope(name: str) -> None:
    stored = encode(ENVELOPED[name])
    assert isinstance(stored, str)
    content = json.loads(stored)
    assert list(content) == ["module", "type", "data"]
    assert content["type"] == type(ENVELOPED[name]).__name__
    assert same(decode(stored), ENVELOPED[name])


@pytest.mark.parametrize("name", NATIVE)
def test_text_floats_and_arrays_are_native(name: str) -> None:
    stored = encode(NATIVE[name])
    assert not (isinstance(stored, str) and stored.startswith("{"))
    assert same(decode(stored), NATIVE[name])


@given(attribute_values())
def test_any_value_comes_back(value: Any) -> None:
    assert same(decode(encode(value)), value)


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    stored = encode(text)
    assert isinstance(stored, str)
    assert "\0" not in stored
    stored.encode()
    assert same(decode(stored), text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(np.str_("nm"), "nm"), (Text("nm"), "nm"), (np.array(["a", "bb"], "U10"), np.array(["a", "bb"]))],
    ids=["numpy text", "subclass of str", "wide array of text"],
)
def test_text_comes_back_as_plain_text(value: Any, expected: Any) -> None:
    assert same(decode(encode(value)), expected)


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Colour.red,
        Point(1, 2),
        (Point(1, 2),),
        [object()],
        {1: object()},
        lambda: None,
        10**5000,
        CYCLE,
        range(3),
        bytearray(b"a"),
        {float("nan")},
        np.datetime64("2020-01-01"),
        np.array(["2020-01-01"], "M8[D]"),
        np.zeros(2, [("a", "f8")]),
        np.array([1, "a"], object),
        np.zeros(MAX_NUMERIC_BYTES // 8 + 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_not_come_back_is_refused(value: Any) -> None:
    with pytest.raises(AttributeValueError, match="cannot be an attribute|too large for an attribute"):
        encode(value)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"a": 1}',
        '{"module": "m", "type": "t"}',
        '{"module": "m", "type": "t", "data": 3}',
        '{"data": "3"}',
        "[" * 100_000,
        '{"a":' * 100_000,
        "\ufeff{}",
    ],
    ids=lambda text: text[:20],
)
def test_foreign_text_stays_text(text: str) -> None:
    assert decode(text) == text


def test_envelope_of_code_is_refused() -> None:
    with pytest.raises(UndecodableError, match="not a plain value"):
        decode('{"module": "builtins", "type": "float", "data": "__import__(\'os\').getcwd()"}')


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, True),
        (1, 1.0),
        (1.0, np.float64(1)),
        ((1,), [1]),
        ((1,), (1, 2)),
        ((1,), (1.0,)),
        ({"a": 1}, {"a": True}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1: 2}, {True: 2}),
        (np.arange(3), np.arange(3.0)),
        (np.arange(3), np.arange(3)[np.newaxis]),
        (np.arange(3), np.arange(1, 4)),
        (float("nan"), 1.0),
        (complex(float("nan"), 1), complex(float("nan"), 2)),
        ("1", 1),
        (None, False),
    ],
    ids=repr,
)
def test_different_values_are_not_the_same(left: Any, right: Any) -> None:
    assert not same(left, right)
    assert not same(right, left)


@given(attribute_values())
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)
