"""A private HSDS server on this machine: for tests, and for trying out how data are saved to a server.

Importing this module imports neither `hsds` nor `h5pyd`; starting a server needs the extra ``hsds-server``.
"""

from __future__ import annotations

from ._server import HsdsServer, HsdsServerError

__all__ = ["HsdsServer", "HsdsServerError"]
