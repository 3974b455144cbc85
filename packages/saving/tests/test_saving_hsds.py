"""The saver on domains of a real HSDS server."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np
import pytest

from h5modules.backends import (
    AttributeValueError,
    FileAccessError,
    FileMissingError,
    FileReadOnlyError,
    FileTakenError,
    UnsupportedError,
)
from h5modules.backends.hsds import HsdsServer
from h5modules.saving import H5SaverLowLevel


@pytest.fixture
def options(hsds_server: HsdsServer) -> dict[str, str]:
    return {
        "backend": "h5pyd",
        "endpoint": hsds_server.endpoint,
        "username": hsds_server.username,
        "password": hsds_server.password,
    }


def test_a_domain_with_what_pymodaq_puts_in_it(hsds_domain, options):
    with H5SaverLowLevel.from_file(hsds_domain, "detector", metadata={"author": "me"}, **options) as saver:
        assert saver.file_loaded is False
        assert f"{saver.h5_file_path}/{saver.h5_file_name}" == hsds_domain
        assert saver.root().attrs["file"] == saver.h5_file_name
        scan = saver.add_scan_group(title="First", metadata={"points": 3})
        values = saver.add_array(scan, "Data00", "data", np.arange(3.0), data_dimension="Data1D")
        room = saver.add_array(scan, "Data01", "data", None, (2,), "i4", scan_shape=(3,), add_scan_dim=True)
        room[1] = [1, 2]
        saver.add_log("scan started")
    with H5SaverLowLevel.from_file(hsds_domain, **options) as saver:
        assert saver.file_loaded is True
        assert (saver.raw_group.attrs["type"], saver.raw_group.attrs["author"]) == ("detector", "me")
        assert saver.get_set_logger().read() == ["scan started"]
        assert saver.get_node(values.path).read().tolist() == [0, 1, 2]
        assert saver.get_node(room.path).read().tolist() == [[0, 0], [1, 2], [0, 0]]
        assert saver.get_last_group(saver.raw_group, "scan").title == "First"
        assert saver.add_scan_group().name == "Scan001"


def test_the_address_may_name_the_server(hsds_server, hsds_domain, options):
    address = f"{options.pop('endpoint')}{hsds_domain}"
    saver = H5SaverLowLevel(backend=options.pop("backend"))
    assert saver.init_file(address, **options) is True
    assert saver.h5_file_path == PurePosixPath(hsds_server.folder)
    saver.init_file(address, new_file=True, **options)
    saver.close_file()


def test_numbered_domains(hsds_server, options):
    base = f"{hsds_server.folder}dated"
    saver = H5SaverLowLevel(backend=options.pop("backend"))
    first = saver.init_dataset(base, make_folders=True, **options)
    second = saver.init_dataset(base, make_folders=True, **options)
    saver.close_file()
    assert [str(each)[-6:] for each in (first, second)] == ["000.h5", "001.h5"]


def test_what_is_refused(hsds_domain, options):
    with pytest.raises(FileMissingError, match=hsds_domain):
        H5SaverLowLevel.from_file(hsds_domain, mode="r", **options)
    with pytest.raises(AttributeValueError, match="driver"):
        H5SaverLowLevel.from_file(hsds_domain, metadata={"driver": object()}, **options)
    with pytest.raises(FileMissingError, match=hsds_domain):
        H5SaverLowLevel.from_file(hsds_domain, mode="r", **options)
    H5SaverLowLevel.from_file(hsds_domain, **options).close_file()
    with pytest.raises(FileTakenError, match=hsds_domain):
        H5SaverLowLevel.from_file(hsds_domain, mode="x", **options)
    with pytest.raises(FileAccessError, match="password"):
        H5SaverLowLevel.from_file(hsds_domain, **{**options, "password": "wrong"})
    with (
        H5SaverLowLevel.from_file(hsds_domain, mode="r", **options) as saver,
        pytest.raises(FileReadOnlyError, match="opened for reading"),
    ):
        saver.add_scan_group()
    with pytest.raises(UnsupportedError, match="colour"):
        H5SaverLowLevel.from_file(hsds_domain, colour="red", **options)


def test_options_that_a_local_library_does_not_know(tmp_path):
    with pytest.raises(UnsupportedError, match="endpoint"):
        H5SaverLowLevel.from_file(tmp_path / "local.h5", endpoint="http://localhost")
    assert not (tmp_path / "local.h5").exists()
