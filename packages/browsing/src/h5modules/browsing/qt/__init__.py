"""The browser with a window; it needs the extra ``qt`` and a binding of Qt."""

from __future__ import annotations

from h5modules.saving import require_qt

require_qt("the browser with a window needs", ("qtpy", "pyqtgraph"), "h5modules-browsing")

from h5modules.browsing._rate import RateMeter  # noqa: E402

from ._application import browse  # noqa: E402 - these import Qt, which is asked for first
from ._bar import MessageBar  # noqa: E402
from ._browser import H5Browser, browse_data  # noqa: E402
from ._live_strip import LiveStrip  # noqa: E402
from ._progress import ScanProgress  # noqa: E402
from ._session import Session  # noqa: E402
from ._window import BrowserWindow  # noqa: E402

__all__ = [
    "H5Browser",
    "browse_data",
    "browse",
    "BrowserWindow",
    "LiveStrip",
    "MessageBar",
    "RateMeter",
    "ScanProgress",
    "Session",
]
