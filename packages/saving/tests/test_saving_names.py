from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from h5modules.backends import GroupType, NodeError
from h5modules.saving import H5SaverLowLevel, counting_key, next_number, number_of, with_h5_suffix


@pytest.fixture
def saver(tmp_path: Path, backend: str):
    with H5SaverLowLevel.from_file(tmp_path / "names.h5", backend=backend) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "prefix", "number"),
    [
        ("Scan012", "Scan", 12),
        ("Scan1000", "Scan", 1000),
        ("Scan", "Scan", None),
        ("Scanner000", "Scan", None),
        ("scan000", "Scan", None),
        ("Scan-01", "Scan", None),
        ("Scan²", "Scan", None),
        ("Scan٣", "Scan", None),
        ("", "Scan", None),
    ],
)
def test_the_number_in_a_name(name, prefix, number):
    assert number_of(name, prefix) == number


def test_numbers_are_told_in_order_and_not_by_letters():
    names = ["Scan1000", "Scan999", "Scan1001", "Scan002"]
    assert next_number(names, "Scan") == 1002
    assert sorted(names, key=counting_key) == ["Scan002", "Scan999", "Scan1000", "Scan1001"]
    assert next_number([], "Scan") == 0


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("scan", "scan.h5"),
        ("scan.h5", "scan.h5"),
        ("scan.hdf5", "scan.hdf5"),
        ("SCAN.HDF5", "SCAN.HDF5"),
        ("scan.H5", "scan.H5"),
        ("scan.v2", "scan.v2.h5"),
        ("scan.2026.11", "scan.2026.11.h5"),
    ],
)
def test_the_suffix(given, meant):
    assert with_h5_suffix(Path(given)).name == meant


def test_groups_count_past_999(saver):
    for number in (998, 999):
        saver.get_set_group(saver.raw_group, f"Scan{number:03d}").attrs["type"] = "scan"
    names = [saver.add_scan_group().name for _ in range(3)]
    assert names == ["Scan1000", "Scan1001", "Scan1002"]
    last = saver.get_last_group(saver.raw_group, GroupType.scan)
    assert last is not None
    assert last.name == "Scan1002"


def test_channel_groups_have_two_digits_and_count_past_99(saver):
    assert saver.add_ch_group(saver.add_scan_group()).name == "CH00"
    saver.get_set_group("/RawData", "CH99")
    assert [saver.add_ch_group("/RawData").name for _ in range(2)] == ["CH100", "CH101"]


def test_numbers_after_deletions(saver):
    for _ in range(4):
        saver.add_scan_group()
    saver.remove_node("/RawData/Scan001")
    assert saver.add_scan_group().name == "Scan004"  # a gap is not filled
    saver.remove_node("/RawData/Scan004")
    assert saver.next_number("/RawData", "Scan") == 4


def test_asking_for_a_number_takes_none(saver):
    assert [saver.next_number("/RawData", "Scan") for _ in range(3)] == [0, 0, 0]


def test_numbers_after_opening_again(tmp_path):
    path = tmp_path / "again.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        saver.add_scan_group()
        saver.init_file(tmp_path / "other.h5")
        assert saver.add_scan_group().name == "Scan000"
        saver.init_file(path)
        assert saver.add_scan_group().name == "Scan001"
    with H5SaverLowLevel.from_file(path) as saver:
        assert saver.add_scan_group().name == "Scan002"


def test_a_number_in_a_group_that_is_not_there(saver):
    with pytest.raises(NodeError, match="Nowhere"):
        saver.next_number("/Nowhere", "Scan")


def test_nothing_is_left_of_what_fails(saver):
    before = saver.raw_group.children_name()
    with suppress(OSError), saver.all_or_nothing():
        scan = saver.add_scan_group()
        with saver.all_or_nothing():
            saver.add_det_group(scan)
        saver.add_string_array(scan, "Notes")
        raise OSError
    assert saver.raw_group.children_name() == before
    assert saver.add_scan_group().name == "Scan000"


def test_what_was_there_before_stays_when_something_fails(saver):
    scan = saver.add_scan_group()
    with suppress(OSError), saver.all_or_nothing():
        saver.get_set_group(saver.raw_group, scan.name)
        saver.add_det_group(scan)
        raise OSError
    assert saver.get_node(scan).children_name() == []


def test_an_inner_failure_that_is_caught_undoes_the_inner_block_only(saver):
    with saver.all_or_nothing():
        scan = saver.add_scan_group()
        with suppress(OSError), saver.all_or_nothing():
            saver.add_det_group(scan)
            raise OSError
        saver.add_act_group(scan)
    assert saver.get_node(scan).children_name() == ["Actuator000"]


def test_a_file_that_was_closed_meanwhile_has_nothing_to_undo(saver):
    with suppress(OSError), saver.all_or_nothing():
        saver.add_scan_group()
        saver.close_file()
        raise OSError("gone")
    assert not saver.isopen()
