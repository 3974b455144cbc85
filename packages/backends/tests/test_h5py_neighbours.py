"""What a file of h5py shares with others: links into other files, forked processes, copies while it grows."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5modules.backends import Appender, FileAccessError, FileClosedError, H5Backend, UnsupportedError, Writer


def test_what_a_link_finds_in_another_file_is_not_changed(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "far.h5", "w") as far:
        far.create_carray(far.get_set_group("/", "There"), "Fixed", np.arange(5.0))
        far.create_earray("/There", "Growing", "f8").append(np.array(1.0))
    with H5Backend.open(tmp_path / "near.h5", "w") as near:
        near.create_carray("/", "Fixed", np.arange(5.0))
        near.driver.handle["Link"] = h5py.ExternalLink("far.h5", "/There")
        near.flush()
        before = [(tmp_path / name).read_bytes() for name in ("far.h5", "near.h5")]
        for change in (
            lambda: near.driver.write("/Link/Fixed", 1, 99.0),
            lambda: near.driver.writer("/Link/Fixed"),
            lambda: near.driver.appender("/Link/Growing"),
            lambda: near.driver.append("/Link/Growing", np.zeros(1)),
            lambda: near.driver.truncate("/Link/Growing", 0),  # type: ignore[attr-defined]
            lambda: near.set_attr("/Link/Fixed", "units", "V"),
            lambda: near.create_carray("/Link", "New", [1.0]),
            lambda: near.remove_node("/Link/Fixed"),
        ):
            with pytest.raises(UnsupportedError, match=r"'/Link.*another|'/Link.*far\.h5"):
                change()
        near.flush()
        assert [(tmp_path / name).read_bytes() for name in ("far.h5", "near.h5")] == before
        assert near.get_node("/Link/Fixed").read().tolist() == [0, 1, 2, 3, 4]


def test_a_forked_process_changes_nothing(tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        return
    path = tmp_path / "scan.h5"
    file = H5Backend.open(path, "w")
    file.create_carray("/", "First", np.arange(5.0))
    file.create_earray("/", "Log", "f8")
    rows, points = file.driver.appender("/Log"), file.driver.writer("/First")
    rows.append(np.array(1.0))
    file.set_attr("/", "pending", 1)
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        os.close(write_end)
        os.read(read_end, 1)  # until the parent closes its end
        os._exit(_misuse(file, rows, points))
    for number in range(20):
        file.create_carray("/", f"Later{number}", np.full(1000, number))
    rows.append(np.array(2.0))
    file.flush()
    before = path.read_bytes()
    os.close(write_end)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(read_end)
    assert path.read_bytes() == before
    rows.append(np.array(3.0))
    file.close()
    with H5Backend.open(path) as again:
        assert again.get_node("/Log").read().tolist() == [1, 2, 3]
        assert again.get_node("/Later19").read().tolist() == [19] * 1000


def _misuse(file: H5Backend, rows: Appender, points: Writer) -> int:
    """Do in a forked process what must not reach the file; return how many of it went wrong."""
    wrong = 0
    for change in (
        lambda: rows.append(np.array(9.0)),
        lambda: points.write((0,), np.array(9.0)),
        lambda: file.create_carray("/", "Foreign", np.zeros(9000)),
        file.driver.flush,
    ):
        try:
            change()
            wrong += 1
        except (FileAccessError, FileClosedError):
            pass
    file.close()
    return wrong


def test_a_file_that_h5py_has_open_in_the_same_process(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "one.h5", "w") as raw:
        raw["data"] = np.arange(3.0)
    with h5py.File(tmp_path / "one.h5"), H5Backend.open(tmp_path / "one.h5") as file:
        assert file.driver.read("/data").tolist() == [0, 1, 2]
