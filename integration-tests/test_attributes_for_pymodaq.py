"""Attributes that h5modules writes, read by PyMoDAQ's own converter."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from pymodaq_utils.utils import JsonConverter

from h5modules.backends import H5Backend
from h5modules.backends._codec import encode, same

READ_THE_SAME: dict[str, Any] = {
    "text": "nm",
    "empty text": "",
    "text like a number": "1",
    "text like JSON": '{"a": 1}',
    "text like true": "true",
    "text like NaN": "NaN",
    "text with NUL": "a\0b",
    "int": 3,
    "large int": 2**70,
    "bool": True,
    "bytes": b"\xff\0",
    "tuple": (1, 2.5, "x", None, (True,)),
    "one-tuple": (1,),
    "tuple with NaN": (1.0, float("nan"), float("-inf")),
    "list": [1, [2]],
    "date": datetime.date(2020, 2, 29),
    "time": datetime.time(1, 2, 3),
    "datetime": datetime.datetime(2020, 2, 29, 1, 2, 3, 4),
    "numpy float64": np.float64(0.1),
    "numpy inside": (np.float32(0.5), np.int64(3)),
    "array inside": (np.arange(3),),
}
"""What its converter turns back into a value, of the same type."""


@pytest.mark.parametrize("name", READ_THE_SAME)
def test_envelope_is_read_by_pymodaq(name: str) -> None:
    assert same(JsonConverter.json2object(encode(READ_THE_SAME[name])), READ_THE_SAME[name])


@pytest.mark.parametrize("value", [0.1, float("nan"), np.arange(3), 1 - 2j], ids=repr)
def test_native_values_pass_the_converter(value: Any) -> None:
    read = JsonConverter.json2object(encode(value))
    assert np.array_equal(read, value, equal_nan=True)


# Of these it writes what is no expression ('nan', 'array(...)'): it cannot read them back itself.
WRITTEN_BY_BOTH = [name for name in READ_THE_SAME if name not in ("tuple with NaN", "array inside")]


@pytest.mark.parametrize("name", WRITTEN_BY_BOTH)
def test_envelope_of_pymodaq_is_read_here(tmp_path: Path, name: str) -> None:
    with h5py.File(tmp_path / "file.h5", "w") as raw:
        raw.attrs["value"] = JsonConverter.object2json(READ_THE_SAME[name])
    with H5Backend.open(tmp_path / "file.h5") as file:
        assert same(file.root().attrs["value"], READ_THE_SAME[name])


def test_attributes_in_a_file_are_read_by_pymodaq(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "file.h5", "w") as file:
        file.root().attrs.write(READ_THE_SAME)
    with h5py.File(tmp_path / "file.h5") as raw:
        for name, value in READ_THE_SAME.items():
            assert same(JsonConverter.json2object(raw.attrs[name]), value), name
