from __future__ import annotations

import datetime
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from h5modules.backends import FileError
from h5modules.saving import (
    H5SaverLowLevel,
    dataset_name,
    day_folder,
    default_base,
    last_dataset,
    new_datasets,
    new_domains,
)

DAY = datetime.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("base", "folder"),
    [
        ("data", "data/2026/20261126"),
        ("data/2026", "data/2026/20261126"),
        ("data/2026/20261126", "data/2026/20261126"),
        ("data/2026/other", "data/2026/20261126"),
        ("data/2025", "data/2025/2026/20261126"),
    ],
)
def test_the_folder_of_a_day(base, folder):
    assert day_folder(base, DAY) == Path(folder)


def test_what_is_usual():
    today = datetime.date.today()
    assert day_folder() == default_base() / f"{today:%Y}" / f"{today:%Y%m%d}"
    assert default_base().is_absolute()


def test_names_count_on_from_the_highest(tmp_path):
    folder = tmp_path / "2026" / "20261126"
    assert last_dataset(tmp_path, DAY) is None
    assert [path.name for path in islice(new_datasets(tmp_path, DAY), 2)] == [
        "Dataset_20261126_000.h5",
        "Dataset_20261126_001.h5",
    ]
    for name in ("Dataset_20261126_002.h5", "Dataset_20261126_999.h5", "Dataset_20261126_old.h5", "Scan.h5"):
        (folder / name).touch()
    assert next(new_datasets(tmp_path, DAY)) == folder / "Dataset_20261126_1000.h5"
    (folder / "Dataset_20261126_1000.h5").touch()
    assert last_dataset(tmp_path, DAY) == folder / dataset_name(DAY, 1000)
    assert next(new_datasets(tmp_path, DAY)) == folder / "Dataset_20261126_1001.h5"


def test_a_base_that_is_a_file(tmp_path):
    (tmp_path / "base").touch()
    with pytest.raises(FileError, match="choose another"):
        next(new_datasets(tmp_path / "base", DAY))


def test_names_on_a_server():
    assert list(islice(new_domains("http://host:5101/home/ada", DAY), 2)) == [
        "http://host:5101/home/ada/2026/20261126/Dataset_20261126_000.h5",
        "http://host:5101/home/ada/2026/20261126/Dataset_20261126_001.h5",
    ]
    with pytest.raises(FileError, match="which folder of the server"):
        next(new_domains(None, DAY))


def test_a_new_dataset(tmp_path, backend):
    saver = H5SaverLowLevel("detector", backend)
    paths = [saver.init_dataset(tmp_path, metadata={"author": "me"}) for _ in range(2)]
    assert saver.raw_group.attrs["author"] == "me"
    assert (saver.raw_group.attrs["type"], saver.file_loaded) == ("detector", False)
    saver.close_file()
    assert [Path(path).name[-6:] for path in paths] == ["000.h5", "001.h5"]
    assert backend == "memory" or last_dataset(tmp_path) == paths[1]


WORKER = """
import sys
from h5modules.saving import H5SaverLowLevel
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    with H5SaverLowLevel(backend=sys.argv[2]) as saver:
        saver.init_dataset(sys.argv[1])
        saver.add_scan_group()
"""


@pytest.mark.parametrize("library", ["h5py", "tables"])
def test_programs_that_choose_at_once_get_a_file_each(tmp_path, library):
    command = [sys.executable, "-c", WORKER, str(tmp_path), library]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        worker.communicate(timeout=60)
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    files = sorted(day_folder(tmp_path).iterdir())
    assert [path.name for path in files] == [
        dataset_name(datetime.date.today(), number) for number in range(15)
    ]
    for path in files:
        with H5SaverLowLevel.from_file(path, mode="r") as saver:
            assert saver.raw_group.children_name() == ["Logger", "Scan000"]
