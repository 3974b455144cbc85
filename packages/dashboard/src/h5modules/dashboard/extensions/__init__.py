"""Extensions of the Dashboard, which PyMoDAQ finds here by the entry-point group ``pymodaq.extensions``."""

from __future__ import annotations
