"""``python -m h5modules.browsing.qt [FILE...]``."""

from __future__ import annotations

import sys

from . import browse

if __name__ == "__main__":
    sys.exit(browse(sys.argv[1:]))
