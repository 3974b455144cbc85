"""Small values of the package: enumerations, compression, paths, filters, descriptions, fitted values."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
import pytest

from h5modules.backends import (
    ArrayShapeError,
    ArraySpec,
    ArrayTypeError,
    Compression,
    CompressionError,
    GroupType,
    H5Backend,
    NodeNameError,
    SaveType,
    UnknownNameError,
    UnsupportedError,
)
from h5modules.backends._abilities import Abilities
from h5modules.backends._filters import compression_of, filter_problem
from h5modules.backends._paths import child_path, nearest, node_path, require_name
from h5modules.backends._values import fit_values

FLOATS = np.dtype("f8")


class Foreign(Enum):
    scan = 17


@pytest.mark.parametrize("item", ["scan", "SCAN", SaveType.scan, Foreign.scan], ids=str)
def test_enumeration_is_chosen_by_name(item: Any) -> None:
    assert SaveType.parse(item) is SaveType.scan


@pytest.mark.parametrize("item", ["", "nothing", None, 0, 1.5, ["scan"]], ids=repr)
def test_unknown_name_is_refused(item: Any) -> None:
    with pytest.raises(UnknownNameError, match="is not a SaveType; choose one of scan, detector"):
        SaveType.parse(item)


def test_member_equals_its_name() -> None:
    assert SaveType.scan == "scan"
    assert SaveType.scan != "detector"
    assert SaveType.scan != GroupType.scan
    assert {SaveType.scan: 1}["scan"] == 1  # type: ignore[index]
    assert GroupType.names()[0] == "detector"


def test_compression_is_a_value() -> None:
    assert Compression() == Compression("gzip", 4, shuffle=True)
    assert Compression("zlib", 3) == Compression("gzip", 3)
    assert hash(Compression("zlib")) == hash(Compression("gzip"))
    assert type(Compression("gzip", np.int64(3)).level) is int  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "level"),
    [("nonsense", 4), ("", 4), ("gzip", -1), ("gzip", 10), ("gzip", 4.5), ("gzip", "4"), ("gzip", None)],
    ids=repr,
)
def test_bad_compression_is_refused(name: str, level: Any) -> None:
    with pytest.raises(CompressionError, match="is not a compression|is not a whole number"):
        Compression(name, level)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], (None, False)),
        ([(1, (6,))], (Compression("gzip", 6, shuffle=False), False)),
        ([(2, (8,)), (1, (6,)), (3, ())], (Compression("gzip", 6), True)),
        ([(3, ())], (None, True)),
        ([(2, (8,))], (None, False)),
        ([(32015, (19,))], (Compression("zstd", 9, shuffle=False), False)),
        ([(32004, ())], (Compression("lz4", 4, shuffle=False), False)),
        ([(32000, (1,))], (None, False)),
        ([(1, (6,)), (32004, ())], (None, False)),
        ([(1, ())], (Compression("gzip", 4, shuffle=False), False)),
    ],
    ids=repr,
)
def test_filters_of_a_file(filters: Any, expected: Any) -> None:
    assert compression_of(filters) == expected


def test_missing_filter_names_itself_and_the_remedy() -> None:
    assert "'zstd' (number 32015)" in filter_problem(32015, "")
    assert filter_problem(32000, "lzf").endswith("Open the file with the backend 'h5py'")
    assert "'unnamed' (number 999)" in filter_problem(999, "")
    assert 'pip install "h5modules-backends[filters]"' in filter_problem(1, "")


@pytest.mark.parametrize(
    ("where", "name", "path"),
    [
        ("/", None, "/"),
        ("", None, "/"),
        ("RawData", None, "/RawData"),
        ("/RawData/", "Scan000", "/RawData/Scan000"),
        ("//a///b", None, "/a/b"),
        ("/a", "", "/a"),
        ("/a", "b/c", "/a/b/c"),
    ],
    ids=repr,
)
def test_paths_are_put_together(where: str, name: str | None, path: str) -> None:
    assert node_path(where, name) == path


@pytest.mark.parametrize("name", ["", ".", "..", "/", "a/b", "/a", "a\0", "\ud800"], ids=repr)
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(NodeNameError, match="cannot be the name of a node"):
        require_name(name)
    with pytest.raises(NodeNameError, match="cannot be the name of a node"):
        child_path("/a", name)


def test_nearest_names() -> None:
    with H5Backend.open("nearest names", "w", "memory") as file:
        group = file.get_set_group("/", "RawData")
        for name in ("Scan000", "Scan001", "Notes"):
            file.get_set_group(group, name)
        file.create_carray(group, "Data00", np.zeros(3))
        assert nearest(file.driver, "/RawDat/x") == "; did you mean '/RawData'?"
        assert "'/RawData/Scan000'" in nearest(file.driver, "/RawData/Scan00/x/y")
        told = "; '/RawData' holds 'Data00', 'Notes', 'Scan000', 'Scan001'."
        assert nearest(file.driver, "/RawData/zzzzzz") == told
        assert nearest(file.driver, "/RawData/Data00/x") == "; '/RawData/Data00' is not a group."


@pytest.mark.parametrize("dtype", ["O", "U3", "M8[s]", "m8[s]", "V8", "S", "f8,i4"])
def test_dtypes_that_no_array_has_are_refused(dtype: str) -> None:
    with pytest.raises(ArrayTypeError, match="an array holds numbers, booleans or bytes"):
        ArraySpec((3,), np.dtype(dtype))


@pytest.mark.parametrize(
    "arguments",
    [
        {"shape": (), "enlargeable": True},
        {"shape": (0, 0), "enlargeable": True},
        {"shape": (3, 2), "chunks": (3,)},
        {"shape": (3, 2), "chunks": (0, 2)},
        {"shape": (3, 2), "chunks": (4, 2)},
        {"shape": (0, 2), "chunks": (4, 3), "enlargeable": True},
    ],
    ids=repr,
)
def test_shapes_that_cannot_be_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArrayShapeError, match="cannot be enlargeable|do not fit"):
        ArraySpec(dtype=FLOATS, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [{"enlargeable": True}, {"chunks": (3,)}, {"compression": Compression()}, {"checksum": True}],
    ids=repr,
)
def test_placed_excludes_chunks(arguments: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError, match="in one piece"):
        ArraySpec((3,), FLOATS, placed=True, **arguments)


def test_chunks_of_an_enlargeable_array_may_be_longer_than_it() -> None:
    assert ArraySpec((0, 2), FLOATS, enlargeable=True, chunks=(64, 2)).chunks == (64, 2)
    assert ArraySpec((0, 2), FLOATS, chunks=(64, 2)).chunks == (64, 2)


@pytest.mark.parametrize(
    ("abilities", "arguments", "reason"),
    [
        (
            Abilities(compressions=frozenset({"gzip"})),
            {"compression": Compression("zstd")},
            "'zstd'; choose one of: gzip",
        ),
        (Abilities(compressions=frozenset()), {"compression": Compression()}, "choose one of: none"),
        (Abilities(checksum=False), {"checksum": True}, "checksums"),
        (Abilities(placed=False), {"placed": True}, "place"),
        (Abilities(fill_kinds="f"), {"dtype": np.dtype("c8"), "fill_value": 1}, "fill value"),
    ],
    ids=["one compression", "no compression", "checksum", "placed", "fill value"],
)
def test_what_a_library_cannot_do_is_told(
    abilities: Abilities, arguments: dict[str, Any], reason: str
) -> None:
    assert reason in abilities.refusal(ArraySpec(**{"shape": (3,), "dtype": FLOATS, **arguments}))
    assert Abilities().refusal(ArraySpec(**{"shape": (3,), "dtype": FLOATS, **arguments})) == ""


def test_what_a_library_cannot_do_with_rows_is_told() -> None:
    assert "rows" in Abilities(compressed_rows=False).refusal_of_rows(Compression())
    assert Abilities(compressed_rows=False).refusal_of_rows(Compression(level=0)) == ""
    assert Abilities(compressed_rows=False).refusal_of_rows(None) == ""


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (1.5, "i4"),
        (256, "u1"),
        (-1, "u1"),
        (1, "?"),
        (1j, "f8"),
        (1e300, "f4"),
        (b"long", "S3"),
        ("text", "S8"),
        (1, "S8"),
        (b"1", "i4"),
        (None, "f8"),
        (np.datetime64("2020"), "i8"),
        (2**70, "i8"),
        ([1.5, 2], "i4"),
    ],
    ids=repr,
)
def test_values_that_would_change_are_refused(values: Any, dtype: str) -> None:
    with pytest.raises(ArrayTypeError, match="here holds"):
        fit_values(values, np.dtype(dtype), "here")


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (True, "u1"),
        (255, "u1"),
        (1, "f8"),
        (1.5, "c8"),
        (1e-300, "f4"),
        (np.nan, "f4"),
        (np.inf, "f4"),
        (b"ab", "S3"),
        ([], "i4"),
        (5, ">i2"),
        (np.float64(1), ">f8"),
        (2**64 - 1, "u8"),
    ],
    ids=repr,
)
def test_values_that_keep_what_they_say_are_cast(values: Any, dtype: str) -> None:
    fitted = fit_values(values, np.dtype(dtype), "here")
    assert fitted.dtype == np.dtype(dtype)
    assert np.array_equal(fitted, np.asarray(values).astype(dtype), equal_nan=np.dtype(dtype).kind in "fc")


def test_rows_of_differing_length_are_refused() -> None:
    with pytest.raises(ArrayShapeError, match="here are not an array"):
        fit_values([[1], [1, 2]], FLOATS, "here")


@pytest.mark.parametrize("dtype", ["f8", "u2"])
def test_masked_values_are_refused_and_nothing_is_made(dtype: str) -> None:
    masked = np.ma.array([1, 2, 3], dtype, mask=[False, True, False])
    with H5Backend("memory") as file:
        file.open_file("masked.h5", "w")
        with pytest.raises(ArrayTypeError, match=r"'/Data' are masked.*values\.filled"):
            file.create_carray("/", "Data", masked)
        assert "Data" not in file.root()
        growing = file.create_earray("/", "Growing", dtype)
        with pytest.raises(ArrayTypeError, match="are masked"):
            growing.append(masked)
        fixed = file.create_carray("/", "Fixed", np.zeros(3, dtype))
        with pytest.raises(ArrayTypeError, match="are masked"):
            fixed[:] = masked
        fixed[:] = np.ma.array([1, 2, 3], dtype)  # nothing is masked
        np.testing.assert_array_equal(fixed.read(), [1, 2, 3])
