"""What h5pyd 1.0.0 loses without a sign, and this adapter does not.

Each test does what loses data with h5pyd alone; another file object, opened afterwards, tells what is there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import h5pyd
import numpy as np
import pytest

from h5modules.backends import ArraySpec, FileReadOnlyError, NodeKind
from h5modules.backends._h5pyd import H5pydDriver
from h5modules.backends.hsds import HsdsServer

FLOATS = np.dtype(float)


@pytest.fixture
def opened(hsds_server: HsdsServer, hsds_domain: str) -> Iterator[Callable[[str], H5pydDriver]]:
    files = []

    def open_domain(mode: str) -> H5pydDriver:
        files.append(H5pydDriver.open(hsds_domain, mode, **hsds_server.options))
        return files[-1]

    yield open_domain
    for file in files:
        file.close()


def test_what_returned_is_there_without_flush_or_close(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd keeps everything until flush or close: a program that ends, or forgets, loses it.
    file = opened("w")
    file.create_group("/group")
    file.create_array("/array", ArraySpec((4,), FLOATS), np.arange(4.0))
    file.write("/array", 1, 10.0)
    file.writer("/array").write((2,), np.array(20.0))
    file.write_attributes("/group", {"units": "nm"})
    other = opened("r")
    assert other.read("/array").tolist() == [0, 10, 20, 3]
    assert other.read_attribute("/group", "units") == "nm"


def test_deleting_after_reopening_counts(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd forgets deletions before the first flush of a file that was there before.
    file = opened("w")
    file.create_group("/group")
    file.write_attributes("/", {"note": "old"})
    file.close()
    file = opened("a")
    file.delete("/group")
    file.delete_attribute("/", "note")
    file.close()
    other = opened("r")
    assert other.child_names("/") == []
    assert "note" not in other.attribute_names("/")


def test_attribute_is_overwritten_at_any_time(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd fails at the flush, and at every one after it: nothing of the file can be saved any more.
    file = opened("w")
    values = ["text", np.float64(2), np.arange(3), np.complex128(1j), np.asarray(["a", "b"], object), "text"]
    for value in values:
        file.write_attributes("/", {"note": value})
        at_once = file.read_attribute("/", "note")
        file.flush()
        found = opened("r").read_attribute("/", "note")
        assert np.array_equal(found, value)
        assert np.array_equal(at_once, value)
        assert type(found) is type(at_once) is type(value)


def test_attribute_overwritten_and_deleted_is_gone(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd keeps the old value.
    file = opened("w")
    file.write_attributes("/", {"note": "old"})
    file.flush()
    file.write_attributes("/", {"note": "new"})
    file.delete_attribute("/", "note")
    file.close()
    assert opened("r").attribute_names("/") == []


def test_name_is_used_again_at_once(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd fails at the flush, and at every one after it.
    file = opened("w")
    file.create_group("/node")
    file.flush()
    file.delete("/node")
    assert file.kind("/node") is None
    file.create_array("/node", ArraySpec((2,), FLOATS), np.ones(2))
    file.close()
    assert opened("r").read("/node").tolist() == [1, 1]


def test_resize_is_followed_by_reading_and_writing(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd raises, or reads an old shape, until it is flushed.
    file = opened("w")
    file.create_array("/rows", ArraySpec((0, 3), FLOATS, enlargeable=True))
    for number in range(5):
        file.append("/rows", np.full((1, 3), float(number)))
        assert file.read("/rows").shape == (number + 1, 3)
    file.write("/rows", 4, 9.0)
    assert file.read("/rows", -1).tolist() == [9, 9, 9]


def test_changes_of_others_are_seen(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd serves what it, or the server's last look through the domain, knew.
    file = opened("w")
    file.create_array("/rows", ArraySpec((0,), FLOATS, enlargeable=True))
    file.create_array("/array", ArraySpec((2,), FLOATS), np.zeros(2))
    file.write_attributes("/array", {"units": "nm"})
    reader = opened("r")
    assert reader.read("/rows").tolist() == []
    assert reader.read_attribute("/array", "units") == "nm"
    file.append("/rows", np.ones(3))
    file.write("/array", 0, 5.0)
    file.write_attributes("/array", {"units": "um"})
    file.create_group("/late")
    assert reader.read("/rows").tolist() == [1, 1, 1]
    assert reader.array_info("/rows").shape == (3,)
    assert reader.read("/array").tolist() == [5, 0]
    assert reader.kind("/late") is NodeKind.GROUP
    time.sleep(1.1)  # attributes are taken as fetched for a second
    assert reader.read_attribute("/array", "units") == "um"


def test_collected_description_of_the_server_is_not_used(tmp_path: Path) -> None:
    # Some seconds after a change the server collects a description of the domain; h5pyd then reads that,
    # until the server looks again.
    with HsdsServer(tmp_path, settings={"scan_wait_time": 0, "scan_sleep_time": 1}) as server:
        domain = f"{server.folder}scan.h5"
        file = H5pydDriver.open(domain, "w", **server.options)
        file.create_array("/array", ArraySpec((2,), FLOATS), np.zeros(2))
        file.flush()
        assert _wait_for_scan(tmp_path)
        file.write("/array", 0, 5.0)
        file.write_attributes("/", {"note": "new"})
        other = H5pydDriver.open(domain, "r", **server.options)
        assert other.read("/array").tolist() == [5, 0]
        assert other.read_attribute("/", "note") == "new"
        other.close()
        file.close()


def _wait_for_scan(root: Path) -> bool:
    for _ in range(200):
        if list(root.glob("data/db/*/.summary.json")):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write("/array", 0, 1.0),
        lambda file: file.append("/rows", np.ones(1)),
        lambda file: file.create_array("/new", ArraySpec((1,), FLOATS)),
        lambda file: file.writer("/array"),
        lambda file: file.handle["array"].__setitem__(0, 1.0),
        lambda file: file.handle["rows"].resize((5,)),
        lambda file: file.handle.create_dataset("new", data=1.0),
        lambda file: file.handle.__setitem__("soft", h5pyd.SoftLink("/array")),
    ],
    ids=["write", "append", "create", "writer", "raw write", "raw resize", "raw create", "raw link"],
)
def test_file_opened_for_reading_refuses(
    opened: Callable[[str], H5pydDriver], change: Callable[[H5pydDriver], None]
) -> None:
    # h5pyd takes these, and drops them when the file is closed.
    file = opened("w")
    file.create_array("/array", ArraySpec((2,), FLOATS), np.zeros(2))
    file.create_array("/rows", ArraySpec((0,), FLOATS, enlargeable=True))
    file.close()
    reader = opened("r")
    with pytest.raises(FileReadOnlyError, match="opened for reading"):
        change(reader)
    reader.close()
    reader = opened("r")
    assert reader.child_names("/") == ["array", "rows"]
    assert reader.read("/array").tolist() == [0, 0]


def test_moving_and_copying_do_something(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd's move and copy do nothing, and say nothing.
    file = opened("w")
    file.create_array("/first", ArraySpec((2,), FLOATS), np.ones(2))
    file.move("/first", "/second")
    file.copy("/second", "/third")
    file.write("/third", 0, 5.0)
    other = opened("r")
    assert other.child_names("/") == ["second", "third"]
    assert other.read("/second").tolist() == [1, 1]
    assert other.read("/third").tolist() == [5, 1]


def test_many_threads_lose_nothing(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd loses rows when several threads write through one file object.
    file = opened("w")
    file.create_array("/array", ArraySpec((80,), FLOATS, fill_value=np.nan))
    file.create_array("/rows", ArraySpec((0,), FLOATS, enlargeable=True))
    writer = file.writer("/array")

    def write(first: int) -> None:
        for number in range(first, 80, 4):
            writer.write((number,), np.array(float(number)))
            file.append("/rows", np.array([float(number)]))

    threads = [threading.Thread(target=write, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.read("/array").tolist() == list(range(80))
    assert sorted(file.read("/rows").tolist()) == list(range(80))


def test_two_files_append_to_one_array(opened: Callable[[str], H5pydDriver]) -> None:
    # With h5pyd each would take the length that it knows, and overwrite what the other appended.
    first, second = opened("w"), opened("a")
    first.create_array("/rows", ArraySpec((0,), FLOATS, enlargeable=True))
    for number in range(5):
        first.append("/rows", np.array([float(number)]))
        second.append("/rows", np.array([100.0 + number]))
    assert sorted(first.read("/rows").tolist()) == [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]


def test_rows_of_one_length_and_empty_rows(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd cannot read several rows of one length at once, and gives 0 for an empty one.
    file = opened("w")
    file.create_ragged("/rows", FLOATS)
    for row in ([1.0, 2.0], [3.0, 4.0], [], [5.0]):
        file.append("/rows", np.array(row))
    assert [row.tolist() for row in file.read("/rows")] == [[1, 2], [3, 4], [], [5]]
    assert file.read("/rows", 2).dtype == FLOATS


@pytest.mark.parametrize("dtype", ["c8", "c16", ">c16"])
def test_complex_stays_complex(opened: Callable[[str], H5pydDriver], dtype: str) -> None:
    # h5pyd gives records of two floats.
    file = opened("w")
    values = np.array([1 + 2j, complex(np.nan, -1), 0], dtype)
    file.create_array("/array", ArraySpec((3,), np.dtype(dtype), fill_value=1j), values)
    file.create_array("/empty", ArraySpec((2,), np.dtype(dtype), fill_value=1 - 2j))
    file.write_attributes("/array", {"peak": values[0], "all": values})
    other = opened("r")
    assert other.read("/array").dtype.kind == "c"
    assert np.array_equal(other.read("/array"), values, equal_nan=True)
    assert other.read("/empty").tolist() == [1 - 2j, 1 - 2j]
    assert other.read_attribute("/array", "peak") == values[0]
    assert np.array_equal(other.read_attribute("/array", "all"), values, equal_nan=True)


def test_selection_of_the_forbidden_size(opened: Callable[[str], H5pydDriver]) -> None:
    # The server fails to send exactly 100 MiB at once.
    file = opened("w")
    file.create_array("/large", ArraySpec((100, 2**20), np.dtype("u1")))
    file.write("/large", (99, slice(-1, None)), 7)
    values = file.read("/large")
    assert values.nbytes == 104_857_600
    assert (int(values.sum()), values[-1, -1]) == (7, 7)


def test_bytes_that_are_no_text(opened: Callable[[str], H5pydDriver]) -> None:
    # h5pyd refuses them. Sent with the attribute, the server would drop them, and never again read the node.
    file = opened("w")
    file.write_attributes(
        "/", {"one": b"\xff\xfe", "two": np.array([b"\xff", b"ab"]), "text": "x", "none": np.empty((0, 2))}
    )
    other = opened("r")
    assert other.read_attribute("/", "one") == b"\xff\xfe"
    assert other.read_attribute("/", "two").tolist() == [b"\xff", b"ab"]
    assert other.read_attribute("/", "none").shape == (0, 2)
    assert other.attribute_names("/") == ["none", "one", "text", "two"]


def test_a_zero_alone_is_a_value(opened: Callable[[str], H5pydDriver]) -> None:
    # A server that is given 0 as the first value of an array takes it for no value.
    file = opened("w")
    file.create_array("/zero", ArraySpec((), FLOATS, fill_value=5.0), np.array(-0.0))
    file.create_array("/zeros", ArraySpec((2,), FLOATS, fill_value=5.0), np.zeros(2))
    other = opened("r")
    assert str(other.read("/zero")[()]) == "-0.0"
    assert other.read("/zeros").tolist() == [0, 0]


def test_logging_of_others_is_left_alone(
    opened: Callable[[str], H5pydDriver], caplog: pytest.LogCaptureFixture
) -> None:
    # h5pyd sets the level of the root logger, and gives it a handler.
    everybody = logging.getLogger()
    level, handlers = everybody.level, list(everybody.handlers)
    file = opened("w")
    file.create_array("/array", ArraySpec((2,), FLOATS), np.ones(2))
    assert file.handle["array"][...].tolist() == [1, 1]
    assert file.kind("/nothing") is None
    assert (everybody.level, everybody.handlers) == (level, handlers)
    assert not [record for record in caplog.records if "h5pyd" in record.name]
