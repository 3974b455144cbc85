"""A plot below the cell of a notebook that grows with a scan which another process writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from h5modules.backends import FileState
from h5modules.browsing._errors import LibraryMissingError
from h5modules.browsing._states import state_word
from h5modules.data_saving import NewPoints, read_steadily

from ._html import bar, framed, note
from ._shown import plot_of_group

ShowHtml = Callable[[str], object]
"""Takes HTML that takes the place of what it was given before."""

_COLOURS = {FileState.RUNNING.value: "#0072B2", FileState.FINISHED.value: "#009E73"}
_OTHER = "#D55E00"


def plot_live(
    news: Iterable[NewPoints], *, seconds: float = 0.5, show: ShowHtml | None = None
) -> NewPoints | None:
    """Plot what `follow` yields, again and again, until the scan or the log is over.

    The writer is neither held up nor asked. Interrupt the kernel to stop before the end.

    Parameters
    ----------
    news
        What `follow` yields; whoever needs the points as well calls it another time.
    seconds
        The time between two plots, at least.
    show
        Shows HTML; by default it is shown below the cell of a notebook.

    Returns
    -------
    What was told last; None where no point came.

    Raises
    ------
    LibraryMissingError
        When IPython is not installed, or this is no notebook, and `show` was not given.
    DataNodeError, FileError
        When there is no such scan, or the file cannot be read: see `follow`.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw, DataToExport
    >>> from h5modules.data_saving import DataToExportTimedSaver, follow
    >>> with DataToExportTimedSaver(tmp_path / 'log.h5') as saver:
    ...     for number in range(3):
    ...         power = DataRaw('power', data=[np.array([float(number)])])
    ...         saver.add_data('/RawData', DataToExport('row', data=[power]))
    >>> shown = []
    >>> last = plot_live(follow(tmp_path / 'log.h5', '/RawData'), show=shown.append)
    >>> last.acquired, 'data:image/png' in shown[-1]
    (3, True)
    """
    shown, began = show or _shown_below_the_cell(), time.monotonic()
    last: NewPoints | None = None
    is_drawn, due, path = True, 0.0, ""
    for new in news:
        last, is_drawn, path = new, False, str(new.loader.h5saver.filename)
        if time.monotonic() >= due:
            shown(_drawn(new, path, time.monotonic() - began))
            is_drawn, due = True, time.monotonic() + seconds
    if last is not None and not is_drawn:
        shown(_drawn(last, path, time.monotonic() - began))
    return last


def _drawn(new: NewPoints, path: str, elapsed: float) -> str:
    drawn = read_steadily(path, lambda loader: plot_of_group(loader.h5saver, new.where))
    of_total = "" if new.total is None else f" of {new.total}"
    state = state_word(new.state, new.acquired, new.total)
    told = f"{new.acquired}{of_total} points, {state}, {elapsed:.0f} s"
    colour = _COLOURS.get(state, _OTHER)
    progress = "" if new.total is None else bar(new.acquired, new.total, colour)
    return framed(new.where, told, progress, drawn or note("Nothing to plot yet."))


def _shown_below_the_cell() -> ShowHtml:
    message = "a live plot is shown in a notebook, and this is none: give show."
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import HTML, DisplayHandle
    except ImportError as error:
        raise LibraryMissingError(message) from error
    if get_ipython() is None:
        raise LibraryMissingError(message)
    make_handle: Callable[[], Any] = DisplayHandle
    make_html: Callable[[str], Any] = HTML
    handle = make_handle()
    handle.display(make_html(""))
    return lambda text: handle.update(make_html(text))
