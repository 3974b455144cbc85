"""Rows of text: PyMoDAQ's form, read without unpickling freely."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5modules.backends import UndecodableError
from h5modules.backends._strings import row_to_text, text_to_row


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return Path.mkdir, (self._path,)


def _row(content: bytes) -> np.ndarray[Any, Any]:
    return np.frombuffer(content, np.uint8)


@given(st.text())
def test_text_comes_back(text: str) -> None:
    row = text_to_row(text)
    assert row.dtype == np.uint8
    assert row_to_text(row) == text
    assert pickle.loads(row.tobytes()) == text  # as PyMoDAQ reads it


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_is_read(protocol: int) -> None:
    assert row_to_text(_row(pickle.dumps("é 数据", protocol))) == "é 数据"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_crafted_row_does_not_run(tmp_path: Path, protocol: int) -> None:
    crafted = pickle.dumps(Bomb(tmp_path / "ran"), protocol)
    with pytest.raises(UndecodableError, match="refused"):
        row_to_text(_row(crafted))
    assert not (tmp_path / "ran").exists()
    pickle.loads(crafted)  # it would have
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
        b"(i__main__\nx\n.",
        b"\x80\x02\x82\x01.",
        b"P1\n.",
    ],
    ids=["global", "stack global", "instance", "extension", "persistent"],
)
def test_opcodes_that_name_code_are_refused(content: bytes) -> None:
    with pytest.raises(UndecodableError, match="row of text"):
        row_to_text(_row(content))


@pytest.mark.parametrize("value", [1, None, b"text", ["text"], ("text",)], ids=repr)
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(UndecodableError, match="refused"):
        row_to_text(_row(pickle.dumps(value)))


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    try:
        assert isinstance(row_to_text(_row(content)), str)
    except UndecodableError as error:
        assert "row of text" in str(error)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("value", [1, None, b"text"], ids=repr)
def test_only_text_becomes_a_row(value: Any) -> None:
    with pytest.raises(TypeError, match="a row of a string array is a str"):
        text_to_row(value)
