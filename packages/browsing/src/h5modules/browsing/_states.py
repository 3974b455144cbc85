"""The words for how a scan is: the same in commands, windows, notebooks and on the page."""

from __future__ import annotations

from h5modules.backends import FileState

INCOMPLETE = "incomplete"
"""The state of a scan that was stopped, or left points out."""


def state_word(file: FileState, acquired: int, total: int | None) -> str:
    """Return the word for the state of a scan or a log.

    Parameters
    ----------
    file
        Whether its file is being written, or was closed.
    acquired, total
        How many points there are, and how many there should be; None of a log.

    Returns
    -------
    ``running``; ``finished`` when all points are acquired, or the file of a log was closed; ``incomplete``
    when the file was closed before all points were acquired; ``interrupted`` when the writer ended without
    closing it.

    Examples
    --------
    >>> state_word(FileState.FINISHED, 3, 4), state_word(FileState.FINISHED, 3, None)
    ('incomplete', 'finished')
    >>> state_word(FileState.INTERRUPTED, 4, 4), state_word(FileState.RUNNING, 3, 4)
    ('finished', 'running')
    """
    if total is not None and acquired >= total:
        return FileState.FINISHED.value
    return INCOMPLETE if file is FileState.FINISHED and total is not None else file.value
