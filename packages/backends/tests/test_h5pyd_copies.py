"""Whole copies to domains that are there already: they are replaced whole, or stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import h5pyd
import numpy as np
import pytest

from h5modules.backends import FileAccessError, FileTakenError, H5Backend, UnsupportedError, get_driver
from h5modules.backends.hsds import HsdsServer


@pytest.fixture
def domain(hsds_server: HsdsServer, hsds_domain: str) -> Iterator[str]:
    """Return the path of a domain with an array in it; in the end nothing else may be in its folder."""
    before = _names(hsds_server)
    with H5Backend.open(hsds_domain, "w", "h5pyd", **hsds_server.options) as file:
        file.create_carray("/", "Night", np.arange(5.0))
    yield hsds_domain
    assert _names(hsds_server) - before <= {hsds_domain.rpartition("/")[2]}


def _names(server: HsdsServer) -> set[str]:
    return set(h5pyd.Folder(server.folder, **server.options))


def _found(server: HsdsServer, domain: str) -> dict[str, list[float]]:
    with H5Backend.open(domain, "r", "h5pyd", **server.options) as file:
        return {node.name: node.read().tolist() for _, node in file.root().iter_children()}  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", ["{domain}", "{endpoint}{domain}", "{hdf5}{domain}"])
def test_a_domain_is_not_copied_onto_itself(hsds_server: HsdsServer, domain: str, address: str) -> None:
    hdf5 = hsds_server.endpoint.replace("http", "hdf5")
    target = address.format(domain=domain, endpoint=hsds_server.endpoint, hdf5=hdf5)
    with (
        H5Backend.open(domain, "r", "h5pyd", **hsds_server.options) as file,
        pytest.raises(FileAccessError, match="is the file that is open: its copy cannot replace it"),
    ):
        file.save_file_as(target, "h5pyd", overwrite=True, **hsds_server.options)
    assert _found(hsds_server, domain) == {"Night": [0, 1, 2, 3, 4]}


def test_a_domain_stays_when_its_replacement_fails(
    hsds_server: HsdsServer, domain: str, tmp_path: Path
) -> None:
    with h5py.File(tmp_path / "bad.h5", "w") as raw:
        raw["Fine"] = np.arange(3.0)
        raw["Long"] = np.arange(3, dtype=np.longdouble)
    with H5Backend.open(tmp_path / "bad.h5") as file:
        with pytest.raises(UnsupportedError, match="/Long"):
            file.save_file_as(domain, "h5pyd", overwrite=True, **hsds_server.options)
        with pytest.raises(FileTakenError, match="exists already"):
            file.save_file_as(domain, "h5pyd", leave_out=True, **hsds_server.options)
        assert _found(hsds_server, domain) == {"Night": [0, 1, 2, 3, 4]}
        left_out = file.save_file_as(domain, "h5pyd", overwrite=True, leave_out=True, **hsds_server.options)
    assert len(left_out) == 1
    assert _found(hsds_server, domain) == {"Fine": [0, 1, 2]}


def test_a_domain_is_replaced_by_another(hsds_server: HsdsServer, domain: str) -> None:
    other = f"{domain}.other.h5"
    with H5Backend.open(other, "w", "h5pyd", **hsds_server.options) as file:
        file.create_carray("/", "Day", np.arange(2.0))
        file.save_file_as(domain, overwrite=True)
        assert _found(hsds_server, domain) == {"Day": [0, 1]}
    get_driver("h5pyd").delete_file(other, **hsds_server.options)
    assert _found(hsds_server, domain) == {"Day": [0, 1]}
    # It can be written as every other.
    with H5Backend.open(domain, "a", "h5pyd", **hsds_server.options) as file:
        file.create_carray("/", "Noon", np.arange(1.0))
    assert _found(hsds_server, domain) == {"Day": [0, 1], "Noon": [0]}
