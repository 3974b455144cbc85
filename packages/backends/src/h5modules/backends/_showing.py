"""How objects show themselves in a notebook: by what is registered for it, if anything is.

What is shown needs plots, and so a package of a higher layer. It registers a function under the entry-point
group ``h5modules.notebook``; without one, a notebook prints the ``repr``.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

SHOWING_GROUP = "h5modules.notebook"


class ShowsHtml(Protocol):
    """Tells how objects are shown in a notebook."""

    def __call__(self, shown: Any) -> str:
        """Return an object as HTML."""


class ShownInNotebooks:
    """An object that a notebook shows as HTML, where ``h5modules-browsing`` is installed."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        show = _registered()
        return None if show is None else show(self)


@cache
def _registered() -> ShowsHtml | None:
    from importlib.metadata import entry_points  # here: it takes a while, and only notebooks need it

    for point in entry_points(group=SHOWING_GROUP):
        found: ShowsHtml = point.load()
        return found
    return None
