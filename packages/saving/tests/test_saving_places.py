"""Where files lie: relative paths, links, rights, long names; and what their logs cost."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from h5modules.backends import FileAccessError, FileError, H5Backend
from h5modules.saving import H5SaverLowLevel, pack


def names_in(folder):
    return [each.name for each in folder.iterdir()]


def fill(path, **options):
    with H5SaverLowLevel.from_file(path, **options) as saver:
        saver.create_carray("/", "Data", np.zeros((200, 1000)))


def test_a_relative_path_means_the_folder_where_the_file_was_opened(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    fill("scan.h5")
    before = Path("scan.h5").stat().st_size
    monkeypatch.chdir(tmp_path / "here")
    with H5SaverLowLevel.from_file("scan.h5") as saver:
        saver.create_carray("/", "Data", np.zeros((200, 1000)))
        saver.pack_at_close()
        monkeypatch.chdir(tmp_path / "there")
    assert saver.file_path == tmp_path / "here" / "scan.h5"
    assert saver.file_path.stat().st_size < before / 10
    assert Path("scan.h5").stat().st_size == before


def test_a_dated_file_under_a_relative_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with H5SaverLowLevel() as saver:
        path = saver.init_dataset("data")
        monkeypatch.chdir("/")
        assert path.is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights there")
def test_packing_by_a_link_packs_the_file(tmp_path):
    (tmp_path / "store").mkdir()
    fill(tmp_path / "store" / "scan.h5")
    link = tmp_path / "scan.h5"
    link.symlink_to(tmp_path / "store" / "scan.h5")
    packed = pack(link)
    assert packed.after < packed.before / 10
    assert link.is_symlink()
    assert names_in(tmp_path / "store") == ["scan.h5"]
    with H5Backend.open(tmp_path / "store" / "scan.h5") as file:
        assert file.get_node("/Data").info.compression is not None


@pytest.mark.skipif(sys.platform == "win32", reason="rights are others there")
@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_packing_keeps_who_may_read_a_file(tmp_path, mode):
    path = tmp_path / "scan.h5"
    fill(path)
    path.chmod(mode)
    if os.getuid() == 0:
        os.chown(path, 1234, 2345)
    before = path.stat()
    pack(path)
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


@pytest.mark.skipif(sys.platform == "win32", reason="paths have another greatest length there")
def test_a_name_too_long_for_what_lies_beside_it(tmp_path):
    path = tmp_path / f"{'n' * 245}.h5"
    with pytest.raises(FileError, match=r"too long; give it a shorter name") as caught:
        H5SaverLowLevel.from_file(path)
    assert not isinstance(caught.value, FileAccessError)
    assert not names_in(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="paths have another greatest length there")
@pytest.mark.parametrize("letter", ["n", "\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_a_file_that_could_be_made_can_be_packed_and_copied(tmp_path, letter):
    path = tmp_path / f"{letter * (230 // len(letter.encode()))}.h5"
    fill(path)
    packed = pack(path)
    assert packed.after < packed.before / 10
    with H5Backend.open(path) as file:
        file.save_file_as(tmp_path / f"c{path.name[1:]}")
    assert len(names_in(tmp_path)) == 2


def calls_in(job):
    """Return how often each function of the driver is called by a job, but for the lengths it has at hand."""
    calls = Counter()

    def note(frame, event, _):
        if event == "call" and "_h5py" in frame.f_code.co_filename and frame.f_code.co_name != "length":
            calls[frame.f_code.co_name] += 1

    sys.setprofile(note)
    try:
        job()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("way", ["appender", "append"])
def test_a_line_of_the_log_costs_the_same_however_many_arrays_grew(tmp_path, way):
    with H5SaverLowLevel.from_file(tmp_path / "log.h5") as saver:
        saver.add_log("first")
        saver.add_log("second")
        alone = calls_in(lambda: saver.add_log("third"))
        arrays = [saver.create_earray("/", f"Rows{number}", np.dtype("f8")) for number in range(30)]
        appenders = [array.appender() for array in arrays] if way == "appender" else []
        for appender in appenders:
            appender.append(np.array(1.0))
        for array in () if appenders else arrays:
            array.append(np.array([1.0]))
        saver.add_log("fourth")
        assert all(array.attrs["shape"] == (1,) for array in arrays)
        assert calls_in(lambda: saver.add_log("fifth")) == alone
        for appender in appenders[:1]:
            appender.append(np.array(1.0))
            saver.flush()
            assert arrays[0].attrs["shape"] == (2,)


def test_an_array_that_grew_and_was_deleted_is_not_told_of(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "log.h5") as saver:
        first = saver.create_earray("/", "Rows", np.dtype("f8"))
        appender = first.appender()
        appender.append(np.array(1.0))
        saver.remove_node(first)
        saver.create_carray("/", "Rows", np.arange(7))
        saver.flush()
        assert saver.get_node("/Rows").attrs["shape"] == (7,)


def test_files_are_opened_as_pymodaqs_browser_does(tmp_path):
    path = tmp_path / "scan.h5"
    fill(path)
    file = H5Backend()
    file.open_file(path, "r", swmr_mode=False, locking=False)
    assert file.get_node("/Data").shape == (200, 1000)
    assert (file.swmr_mode, file.is_swmr_active, file.is_swmr_capable) == (False, False, False)
    file.close_file()
