"""What the tests of several files share."""

from __future__ import annotations

from h5modules.backends.testing._hsds_fixture import hsds_domain, hsds_server

__all__ = ["hsds_domain", "hsds_server"]
