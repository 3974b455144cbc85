"""The simulated instruments behind the plugins."""

from __future__ import annotations
