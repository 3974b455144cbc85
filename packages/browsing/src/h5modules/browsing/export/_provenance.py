"""Where exported data came from."""

from __future__ import annotations

import math
from pathlib import PurePath

from h5modules.backends import GROUP, Node
from h5modules.browsing._dates import date_text
from h5modules.browsing._scan_choice import begun_at, is_scan


def provenance(node: Node) -> dict[str, str]:
    """Return what is told of a node in formats with attributes for the whole; what is not known is left out.

    Parameters
    ----------
    node
        What is exported. `title` and `begun` are those of the scan or log that it lies in, or its own.

    Returns
    -------
    ``title``, ``source_file`` (its name), ``source_node`` and ``begun`` (ISO 8601, with the offset from UTC).
    """
    group = node if isinstance(node, GROUP) else node.parent_node
    around = group
    while around is not None and not is_scan(around):
        around = around.parent_node
    whole = around or group
    begun = -math.inf if whole is None else begun_at(whole)
    told = {
        "title": "" if whole is None else whole.title,
        "source_file": PurePath(node.to_h5_backend().filename).name,
        "source_node": node.path,
        "begun": date_text(begun),
    }
    return {name: text for name, text in told.items() if text}
