"""``python -m h5modules.cli``."""

from __future__ import annotations

from . import main

main()
