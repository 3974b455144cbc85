"""Fixtures with a real HSDS server, for tests of what saves to one.

Take them into a ``conftest.py``, so that one server serves all tests of a run::

    from h5modules.backends.testing import hsds_domain, hsds_server
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from h5modules.backends.hsds import HsdsServer

FAST = {
    "s3_age_time": 0.0,
    "s3_sync_interval": 0.005,
    "flush_sleep_interval": 0.002,
    "scan_wait_time": 3600,
    "scan_sleep_time": 3600,
}
"""Settings for tests: written to the disk at once; and no descriptions of domains are collected meanwhile."""


@pytest.fixture(scope="session")
def hsds_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HsdsServer]:
    """Return a running HSDS server that keeps its domains in a temporary folder."""
    with HsdsServer(tmp_path_factory.mktemp("hsds"), settings=FAST) as server:
        yield server


@pytest.fixture
def hsds_domain(hsds_server: HsdsServer) -> str:
    """Return the path of a domain that does not exist yet."""
    return f"{hsds_server.folder}{uuid.uuid4().hex}.h5"
