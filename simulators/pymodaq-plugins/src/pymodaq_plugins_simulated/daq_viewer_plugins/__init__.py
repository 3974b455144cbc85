"""Detectors."""

from __future__ import annotations

from pathlib import Path

path = Path(__file__)  # PyMoDAQ asks for it: it looks for plugins beside it
