"""The scanner in the menu of the Dashboard's extensions, beside PyMoDAQ's own."""

from __future__ import annotations

from h5modules.dashboard import require_version

require_version()  # PyMoDAQ writes the reason in its log, and leaves the extension out

from h5modules.dashboard.scanner import H5Scanner  # noqa: E402 - it is made for this version

__all__ = ["CLASS_NAME", "EXTENSION_NAME", "H5Scanner"]

EXTENSION_NAME = "Scanner (h5modules)"
CLASS_NAME = "H5Scanner"
