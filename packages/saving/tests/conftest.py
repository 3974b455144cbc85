"""What the tests of several files share."""

from __future__ import annotations

import pytest

from h5modules.backends.testing import hsds_domain, hsds_server

__all__ = ["hsds_domain", "hsds_server"]


@pytest.fixture(params=["h5py", "tables", "memory"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)
