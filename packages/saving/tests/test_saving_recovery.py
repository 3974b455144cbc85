"""A killed writer's file is made whole; closed files are packed; both from Python and by command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from h5modules.backends import (
    ArraySpec,
    Compression,
    FileAccessError,
    FileFormatError,
    FileMissingError,
    FileReadOnlyError,
    FileState,
    H5Backend,
    UnsupportedError,
    file_status,
)
from h5modules.saving import LOST_VALUES, H5SaverLowLevel, PackingError, pack, recover
from h5modules.saving.cli import pack_files, recover_files

WRITER = """
import sys, time
import numpy as np
from h5modules.backends import ArraySpec
from h5modules.saving import H5SaverLowLevel

saver = H5SaverLowLevel.from_file(sys.argv[1])
scan = saver.get_set_group('/RawData', 'Scan000')
data = saver.create_array(scan, 'Data00', ArraySpec((4, 5, 3), np.dtype(float), placed=True))
data.attrs.write({'nav_indexes': (0, 1), 'data_type': 'data'})
done = saver.create_array(scan, 'Acquired', ArraySpec((4, 5), np.dtype('u4'), placed=True))
log = saver.get_set_group('/RawData', 'Log')
rows = saver.create_array(log, 'EnlData00', ArraySpec((0, 2), np.dtype(float), enlargeable=True)).appender()
told = saver.create_array(log, 'Acquired', ArraySpec((0,), np.dtype('u4'), enlargeable=True)).appender()
points, marks = data.writer(), done.writer()
saver.flush()
for number in range(7):
    points.write(divmod(number, 5), np.full(3, number + 1.0))
    marks.write(divmod(number, 5), np.array(number + 1, 'u4'))
    rows.append(np.full(2, number + 1.0))
    told.append(np.array(number + 1, 'u4'))
rows.append(np.full(2, 99.0))  # a row that is not finished
print('acknowledged', flush=True)
time.sleep(60)
"""


@pytest.fixture
def killed(tmp_path) -> Path:
    """Give the file of a writer that was killed after 7 points and 7 rows."""
    path = tmp_path / "killed.h5"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "acknowledged"
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    return path


def run(function, *arguments):
    app = Typer()
    app.command()(function)
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_what_a_killed_writer_left_is_made_whole(killed):
    assert file_status(killed).state is FileState.INTERRUPTED
    with h5py.File(killed) as raw:  # before: rows to come are NaN, points to come are 0
        assert raw["RawData/Log/EnlData00"].shape[0] > 8
        assert raw["RawData/Scan000/Data00"][3, 4].tolist() == [0, 0, 0]
    found = recover(killed)
    assert not found.was_whole
    assert found.rows_cut > 0
    assert [str(each) for each in found.groups] == [
        "/RawData/Log: 7 rows",
        "/RawData/Scan000: 7 of 20 points",
    ]
    assert all(each.is_filled for each in found.groups)
    assert file_status(killed).state is FileState.FINISHED
    with h5py.File(killed) as raw:
        assert raw["RawData/Log/EnlData00"][:, 0].tolist() == [1, 2, 3, 4, 5, 6, 7]
        assert raw["RawData/Log/Acquired"][...].tolist() == [1, 2, 3, 4, 5, 6, 7]
        values = raw["RawData/Scan000/Data00"][...].reshape(20, 3)
        assert values[:7, 0].tolist() == [1, 2, 3, 4, 5, 6, 7]
        assert np.isnan(values[7:]).all()
    before = killed.read_bytes()
    assert recover(killed).was_whole
    assert killed.read_bytes() == before


def test_recovering_by_command(killed, tmp_path):
    told = run(recover_files, killed)
    assert told.exit_code == 0
    assert "the room that logs kept for more rows was given back" in told.stdout
    assert "/RawData/Log: 7 rows" in told.stdout
    assert "/RawData/Scan000: 7 of 20 points" in told.stdout
    (tmp_path / "text.h5").write_text("no HDF5")
    told = run(recover_files, tmp_path, "--json")  # a folder: what can be is recovered
    assert told.exit_code == 2
    assert "text.h5" in told.stderr
    (line,) = told.stdout.splitlines()
    assert json.loads(line)["groups"][0] == {
        "path": "/RawData/Log",
        "acquired": 7,
        "total": None,
        "filled": True,
    }


def test_what_cannot_be_recovered(tmp_path):
    with pytest.raises(FileMissingError):
        recover(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("no HDF5 at all")
    with pytest.raises(FileFormatError):
        recover(tmp_path / "text.h5")
    with H5SaverLowLevel.from_file(tmp_path / "open.h5"), pytest.raises(FileAccessError, match="writes it"):
        recover(tmp_path / "open.h5")


def content(path):
    with H5Backend.open(path) as file:
        return {
            node.path: np.asarray(node.read()).tobytes()
            for node in file.walk_nodes()
            if hasattr(node, "read")
        }


@pytest.fixture
def plain(tmp_path) -> Path:
    path = tmp_path / "plain.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        noise = np.random.default_rng(0).integers(0, 50, (40, 60, 32)).astype(float)
        saver.create_array(
            "/RawData", "Data00", ArraySpec(noise.shape, noise.dtype, placed=True), values=noise
        )
        saver.link_node("/RawData/Data00", "/", "Again")
        saver.add_log("measured")
        saver.raw_group.attrs["units"] = "1"
    return path


@pytest.mark.parametrize("compression", [None, Compression("gzip", 9), Compression("bitshuffle")], ids=str)
def test_packing_keeps_everything(plain, compression):
    before, size = content(plain), plain.stat().st_size
    packed = pack(plain, compression)
    assert content(plain) == before
    assert packed.after < packed.before / 2
    assert plain.stat().st_size < size / 2
    with H5Backend.open(plain) as file:
        expected = compression or Compression()
        assert file.get_node("/RawData/Data00").info.compression == expected
        assert file.driver.identity("/Again") == file.driver.identity("/RawData/Data00")
    assert [each.name for each in plain.parent.iterdir()] == ["plain.h5"]


def test_what_other_libraries_note_of_growing_arrays_is_no_difference(tmp_path):
    path = tmp_path / "theirs.h5"
    with h5py.File(path, "w") as raw:
        for name, noted in (("int64", {"EXTDIM": np.int64(0)}), ("nothing", {})):
            array = raw.create_dataset(name, data=np.zeros((20, 100)), maxshape=(None, 100))
            array.attrs.update({"CLASS": "EARRAY", **noted})
        rows = raw.create_dataset("rows", (1,), h5py.vlen_dtype(np.uint8), maxshape=(None,))
        rows[0] = np.arange(5, dtype=np.uint8)
    pack(path)
    with h5py.File(path) as raw:
        assert raw["int64"].shape == raw["nothing"].shape == (20, 100)
        assert raw["rows"][0].tolist() == [0, 1, 2, 3, 4]


def test_a_packed_scan_can_be_gone_on_with(plain):
    pack(plain)
    with H5SaverLowLevel.from_file(plain) as saver:
        writer = saver.get_node("/RawData/Data00").writer()
        writer.write((39, 59), np.full(32, -1.0))
        saver.add_log("gone on")
    with h5py.File(plain) as raw:
        assert raw["RawData/Data00"][39, 59].tolist() == [-1.0] * 32
        assert raw["RawData/Data00"].compression == "gzip"


def test_a_file_that_is_cut_off_is_not_packed(plain):
    os.truncate(plain, plain.stat().st_size - 800)
    before = plain.read_bytes()
    with pytest.raises(FileFormatError, match="is cut off"):
        pack(plain)
    assert plain.read_bytes() == before


def test_a_file_that_is_written_is_not_packed(plain):
    with H5SaverLowLevel.from_file(plain), pytest.raises(FileAccessError, match="writes it"):
        pack(plain)
    assert [each.name for each in plain.parent.iterdir()] == ["plain.h5"]


def test_a_copy_that_differs_does_not_take_the_place(plain, monkeypatch):
    real = H5Backend.save_file_as

    def wrong(self, path, **options):
        real(self, path, **options)
        with h5py.File(path, "r+") as raw:
            raw["RawData/Data00"][3, 3, 3] = 1e9

    before = plain.read_bytes()
    monkeypatch.setattr(H5Backend, "save_file_as", wrong)
    with pytest.raises(PackingError, match="values of '/Again'"):
        pack(plain)
    assert plain.read_bytes() == before
    assert [each.name for each in plain.parent.iterdir()] == ["plain.h5"]


@pytest.fixture
def noisy(tmp_path) -> Path:
    """Give a file of noise in small arrays, which gzip only makes larger."""
    path = tmp_path / "noisy.h5"
    values = np.random.default_rng(1).bytes(2000)
    with h5py.File(path, "w") as raw:
        for number in range(100):
            raw[f"Data{number:02d}"] = np.frombuffer(values, np.uint8)
    return path


def test_a_file_that_packing_makes_larger_is_left_as_it_was(noisy):
    before = noisy.read_bytes()
    packed = pack(noisy)
    assert not packed.was_replaced
    assert packed.after == packed.before < packed.copied
    assert noisy.read_bytes() == before
    assert [each.name for each in noisy.parent.iterdir()] == ["noisy.h5"]
    told = run(pack_files, noisy).stdout
    assert f"bytes on the disk, left as it was: packed it takes {packed.copied:,}" in told


def test_level_0_unpacks(plain):
    packed = pack(plain)
    told = json.loads(run(pack_files, plain, "--level", "0", "--json").stdout)
    assert told["was_replaced"]
    assert told["after"] > packed.after
    with H5Backend.open(plain) as file:
        assert not file.get_node("/RawData/Data00").info.filters


def test_packing_can_be_killed_at_any_moment(plain):
    before = content(plain)
    code = f"from h5modules.saving import pack; print('now', flush=True); pack({str(plain)!r})"
    for delay in (0.0, 0.03, 0.06, 0.1, 0.2):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.kill()
        assert content(plain) == before
    pack(plain)
    assert content(plain) == before


def test_packing_by_command(plain, tmp_path):
    told = run(pack_files, tmp_path, "--compression", "gzip", "--level", "1", "--json")
    assert told.exit_code == 0
    packed = json.loads(told.stdout)
    assert packed["after"] < packed["before"]
    assert run(pack_files, plain, "--compression", "zip").exit_code == 2
    assert run(pack_files, tmp_path / "none.h5").exit_code == 2
    assert "bytes on the disk, now" in run(pack_files, plain).stdout


def test_a_file_is_packed_when_it_is_closed(tmp_path):
    path = tmp_path / "scan.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        saver.pack_at_close(Compression("gzip", 1))
        saver.create_array("/RawData", "Data00", ArraySpec((100, 1000), np.dtype(float), placed=True))
        saver.get_node("/RawData/Data00").writer().write((3,), np.ones(1000))
    with H5Backend.open(path) as file:
        assert file.get_node("/RawData/Data00").info.compression == Compression("gzip", 1)
        assert file.get_node("/RawData/Data00")[3, 5] == 1
    assert path.stat().st_size < 50_000
    with H5SaverLowLevel.from_file(path) as saver:  # it was asked for once
        saver.create_carray("/RawData", "Data01", np.zeros(10_000))
    assert path.stat().st_size > 80_000


def test_what_cannot_be_packed_says_so_at_once(plain):
    with H5SaverLowLevel.from_file(plain, mode="r") as saver, pytest.raises(FileReadOnlyError):
        saver.pack_at_close()
    saver = H5SaverLowLevel.from_file("memory.h5", backend="memory")
    with saver, pytest.raises(UnsupportedError, match="not a file of this machine"):
        saver.pack_at_close()


@pytest.fixture
def cut(tmp_path) -> Path:
    """Give a file whose arrays lie in a known order, and of which the last 1001 bytes are gone."""
    path = tmp_path / "cut.h5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w", libver="latest") as raw:
        raw["early"] = np.arange(100.0)
        raw.create_dataset("packed", data=rng.random((20, 30)), chunks=(7, 30), compression="gzip")
        raw.create_dataset("chunks", data=rng.random((20, 30)), chunks=(7, 8))
        raw["counts"] = np.arange(50, dtype="u2")
        raw["swapped"] = np.arange(400, dtype=">f4")
        raw["again"] = raw["swapped"]
    os.truncate(path, path.stat().st_size - 1001)
    return path


def test_what_is_gone_of_a_file_that_was_cut_off_is_counted_and_reads_nan(cut):
    size = cut.stat().st_size
    found = recover(cut)
    assert not found.was_whole
    lost = {each.path: each for each in found.lost}
    with h5py.File(cut) as raw:
        assert raw["early"][...].tolist() == list(range(100))
        assert "/early" not in lost
        for name in ("chunks", "swapped"):
            if f"/{name}" in lost:
                gone = np.isnan(raw[name][...])
                assert np.count_nonzero(gone) == lost[f"/{name}"].values
                assert (lost[f"/{name}"].total, lost[f"/{name}"].reads) == (gone.size, "NaN")
        assert np.isnan(raw["swapped"][-1])
        assert raw["swapped"][0] == 0
    assert not {"/again", "/swapped"} <= set(lost)  # one array of two names is counted once
    with H5Backend.open(cut) as file:
        assert {file.get_node(path).attrs[LOST_VALUES] for path in lost} == {
            each.values for each in found.lost
        }
    assert cut.stat().st_size >= size + 1001


def place_of(path: Path, name: str) -> int:
    """Return where an array that lies in one piece begins."""
    with h5py.File(path) as raw:
        return int(raw[name].id.get_offset())


@pytest.mark.parametrize("dtype", ["f8", ">f4", "f2", "c16", "i8"])
def test_the_value_that_was_cut_through_is_gone_too(tmp_path, dtype):
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as raw:
        raw["data"] = np.arange(1, 5001).astype(dtype)
    os.truncate(path, place_of(path, "data") + 4000 * np.dtype(dtype).itemsize + 1)
    (lost,) = recover(path).lost
    with h5py.File(path) as raw:
        values = raw["data"][...]
    assert (lost.values, lost.total) == (1000, 5000)
    np.testing.assert_array_equal(values[:4000], np.arange(1, 4001).astype(dtype))
    if dtype == "i8":
        assert lost.reads == "0"
        assert not values[4001:].any()
    else:
        assert lost.reads == "NaN"
        assert np.isnan(values[4000:]).all()


@pytest.mark.parametrize("chunks", [(64, 64), (50, 70)], ids=str)
@pytest.mark.parametrize("compression", [None, "gzip"])
def test_chunks_that_are_gone_are_counted(tmp_path, chunks, compression):
    path = tmp_path / "scan.h5"
    values = np.random.default_rng(2).random((300, 200))
    with h5py.File(path, "w") as raw:
        raw.create_dataset("data", data=values, chunks=chunks, compression=compression)
        data = raw["data"].id
        places = sorted(data.get_chunk_info(number)[2:] for number in range(data.get_num_chunks()))
    os.truncate(path, places[len(places) // 2][0] + 1000)
    (lost,) = recover(path).lost
    assert 0 < lost.values < values.size
    with h5py.File(path) as raw:
        if compression is None:
            left = raw["data"][...]
            assert np.count_nonzero(np.isnan(left)) == lost.values
            np.testing.assert_array_equal(left[~np.isnan(left)], values[~np.isnan(left)])
        else:
            assert lost.reads == "nothing"
            with pytest.raises(OSError, match="read"):
                raw["data"][...]


def test_a_file_that_was_cut_off_before_its_tree_is_left_as_it_was(tmp_path):
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as raw:
        for number in range(100):
            raw.create_group(f"Group{number:02d}")["data"] = np.zeros(100)
    os.truncate(path, 5000)
    before = path.read_bytes()
    with pytest.raises(FileFormatError, match=r"5,000 of [\d,]+ bytes are there, .* It was left as it was"):
        recover(path)
    assert path.read_bytes() == before


def test_that_a_file_was_cut_off_is_told_by_command(cut):
    other = cut.with_name("other.h5")
    other.write_bytes(cut.read_bytes())
    done = run(recover_files, cut)
    assert done.exit_code == 3
    assert "it was cut off, 1,001 bytes are gone" in done.stdout
    assert "of 400 values are gone, and read NaN" in done.stdout
    told = json.loads(run(recover_files, other, "--json").stdout)
    assert told["bytes_missing"] == 1001
    assert {each["reads"] for each in told["lost"]} >= {"NaN"}
    assert run(recover_files, cut).exit_code == 0
