"""Modules that are served to PyMoDAQ, where ours alone do not have all that its callers ask for."""

from __future__ import annotations
