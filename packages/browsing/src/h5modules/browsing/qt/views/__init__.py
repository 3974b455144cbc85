"""Views: each shows nodes of a kind."""

from __future__ import annotations

from ._view import Subject, SupportsNewPoints, View, views_for

__all__ = ["Subject", "SupportsNewPoints", "View", "views_for"]
