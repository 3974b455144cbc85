"""Small pictures of scans."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from h5modules.backends import GROUP, H5Backend
from h5modules.browsing._errors import NothingToShowError
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._picture import draw_scan, drawing_style
from h5modules.browsing._scan_view import ScanSignal, iter_signals, iter_signals_below

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DOTS_PER_INCH = 60


def draw_thumbnail(path: Path, where: str) -> bytes:
    """Return a picture, as PNG, of the first signal at a node that can be drawn.

    Parameters
    ----------
    path
        The file; it is opened for reading.
    where
        A scan, or any node: detectors come first.

    Raises
    ------
    FileError
        When the file cannot be read.
    NodeError
        When there is no such node.
    NothingToShowError
        When nothing can be drawn.
    LibraryMissingError
        When matplotlib is not installed.
    """
    with drawing_style(), open_to_read(path) as file:
        for signal in _signals(file, where):
            try:
                figure = draw_scan([signal])
            except NothingToShowError:
                continue
            _take_text_away(figure)
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH)
            return buffer.getvalue()
    raise NothingToShowError(f"{where!r} in {str(path)!r} holds nothing that can be drawn.")


def _take_text_away(figure: Figure) -> None:
    """Leave only what can be made out where a picture is as large as a stamp."""
    figure.suptitle("")
    for axes in figure.axes:
        for colour_bar in list(axes.child_axes):
            colour_bar.remove()
        axes.set(title="", xlabel="", ylabel="")
        axes.tick_params(which="both", length=0, labelbottom=False, labelleft=False)


def _signals(file: H5Backend, where: str) -> Iterator[ScanSignal]:
    node = file.get_node(where)
    if isinstance(node, GROUP):
        yield from iter_signals(file, node)
    yield from (signal for signal in iter_signals_below(node) if signal.is_more_than_a_value)
