"""Attributes that PyTables pickled."""

from __future__ import annotations

import contextlib
import datetime
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tables

from h5modules.backends import UndecodableError
from h5modules.backends._codec import decode, same
from h5modules.backends._tables import PyTablesDriver
from h5modules.backends._tables_pickles import unpickled

PLAIN: dict[str, Any] = {
    "list": [1, 2.5, "three", None, True],
    "nested": [(1, [2, {"three": (4,)}]), {5}],
    "shared": ["same", "same", ["same"]],
    "tuple": (1, 2),
    "empty tuple": (),
    "dict": {"a": 1, "b": [2]},
    "none": None,
    "large": 1 << 100,
    "accents": ["é", "日本"],
    "bytes": [b"\x00\xff"],
    "complex numbers in text": ["1+2j"],
}


@pytest.mark.parametrize("name", [name for name in PLAIN if name not in ("bytes", "nested")])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_come_back(name: str, protocol: int) -> None:
    value = unpickled(pickle.dumps(PLAIN[name], protocol))
    assert value is not None
    assert same(decode(value), PLAIN[name])


@pytest.mark.parametrize("name", ["list", "shared", "tuple", "dict", "none", "accents"])
def test_what_pytables_pickled_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.h5"
    with tables.open_file(str(path), "w") as raw:
        raw.root._v_attrs.value = PLAIN[name]
    file = PyTablesDriver.open(path, "r")
    assert same(decode(file.read_attribute("/", "value")), PLAIN[name])
    file.close()


@pytest.mark.parametrize(
    "text",
    ["", ".", "Rate.", "Reading.", "0.", "1.5.", "K.", "I am done.", "(1, 2).", "{}.", "et al.", "\\."],
)
def test_text_stays_text(text: str) -> None:
    assert unpickled(text.encode()) is None


def test_text_behind_a_pickle_stays_text() -> None:
    assert unpickled(b"I1\n. And more.") is None


@pytest.mark.parametrize(
    "value",
    [np.float64(1.0), datetime.date(2024, 1, 1), 1 + 2j, range(3), len, Path(), bytearray(b"a")],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_other_values_are_refused(value: object, protocol: int) -> None:
    with pytest.raises(UndecodableError, match="pickle"):
        unpickled(pickle.dumps(value, protocol))


def test_registered_extensions_are_refused() -> None:
    with pytest.raises(UndecodableError, match="EXT1"):
        unpickled(b"\x80\x02\x82\x01.")


def test_persistent_objects_are_refused() -> None:
    with pytest.raises(UndecodableError, match="PERSID"):
        unpickled(b"Psomething\n.")


def test_endless_values_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(UndecodableError, match="too large"):
        unpickled(pickle.dumps(endless, 0))


def test_values_that_explode_are_refused() -> None:
    value: list[Any] = ["laugh"]
    for _ in range(60):
        value = [value, value]
    with pytest.raises(UndecodableError, match="too large"):
        unpickled(pickle.dumps(value, 0))


def test_damaged_pickles_are_refused_or_text() -> None:
    whole = pickle.dumps(["text", 1, {"a": (2, 3)}], 0)
    for place in range(len(whole) - 1):
        damaged = whole[:place] + b"\x00" + whole[place + 1 :]
        with contextlib.suppress(UndecodableError):  # and no other
            unpickled(damaged)
