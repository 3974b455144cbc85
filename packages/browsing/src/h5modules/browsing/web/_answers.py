"""What is told of a file; each function runs in a process that may be ended while it reads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
from h5grove.content import DatasetContent, EntityContent, GroupContent, ResolvedEntityContent
from h5grove.encoders import encode

from h5modules.backends import (
    CARRAY,
    FileAccessError,
    FileFormatError,
    FileState,
    H5Backend,
    Node,
    NodeError,
    file_status,
)
from h5modules.browsing._errors import NothingToShowError, SelectionError
from h5modules.browsing._lines import iter_lines
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._scan_view import acquired_points
from h5modules.browsing._selecting import Selection, parse_selection, selected_shape
from h5modules.browsing._settings import iter_settings
from h5modules.browsing._watching import iter_progress
from h5modules.browsing.catalogue import Catalogue
from h5modules.saving import is_second_name, walk_first_names

from ._errors import UNREADABLE, OutsideError, TooLargeError
from ._inside import child_of, content_of, require_own_nodes, require_own_values

LIMIT = 64 * 2**20
"""How many bytes of values are read at once, and how many an answer has."""

_LINES = 1000
_ATTEMPTS, _PAUSE = 5, 0.05
"""How often it is asked again, and after how many seconds: a group is made in less."""

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back.

    Attributes
    ----------
    content
        The body.
    media_type
        What it is.
    status
        The status of HTTP.
    headers
        Further headers.
    """

    content: bytes
    media_type: str = _JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def told(content: Any, status: int = 200) -> Answer:
    """Return an answer in JSON."""
    return Answer(json.dumps(content).encode(), status=status)


def answer(ask: Callable[..., Answer], path: Path, name: str, /, **arguments: Any) -> Answer:
    """Return what is told of a file, or what is wrong; the name of the file is told, its path never is.

    Parameters
    ----------
    ask
        One of the functions below.
    path, name
        Where the file is, and what it is called.
    **arguments
        What the function takes besides.
    """
    try:
        found = _asked_again(ask, path, arguments)
        if len(found.content) > LIMIT:
            raise TooLargeError("the answer is too long; ask for a part.")
    except (OutsideError, TooLargeError, SelectionError) as error:
        return told({"message": str(error)}, {OutsideError: 403, TooLargeError: 413}.get(type(error), 422))
    except (NodeError, NothingToShowError):
        return told({"message": f"{name!r} has nothing there: it is not a valid path."}, 404)
    except (FileFormatError, FileAccessError):
        return told({"message": f"{name!r} is no HDF5 file, is damaged, or is open elsewhere."}, 422)
    except UNREADABLE as error:
        # Messages of the library name paths of this machine.
        return told({"message": f"{name!r} cannot be read there ({type(error).__name__})."}, 422)
    return found


def _asked_again(ask: Callable[..., Answer], path: Path, arguments: dict[str, Any]) -> Answer:
    """Ask, and again where a file that is being written cannot be read for the moment."""
    for _ in range(_ATTEMPTS):
        try:
            return ask(path, **arguments)
        except OutsideError:
            raise
        except (FileFormatError, RuntimeError, OSError):  # the library read half of a change
            if file_status(path).state is not FileState.RUNNING:
                raise
            time.sleep(_PAUSE)
    return ask(path, **arguments)


def metadata(path: Path, node: str) -> Answer:
    """Tell what a node is, and what a group holds."""
    with open_to_read(path) as file:
        content = content_of(file, node)
        described: dict[str, Any] = dict(_described(content))
        described["name"] = node.rstrip("/").rpartition("/")[2]
        if isinstance(content, GroupContent):
            where = content.path.rstrip("/")
            names = list(file.driver.raw(content.path or "/").keys())
            described["children"] = [
                {**_described(child_of(file, f"{where}/{name}")), "name": name} for name in names
            ]
        return _encoded(described)


def attributes(path: Path, node: str) -> Answer:
    """Tell the attributes of a node."""
    with open_to_read(path) as file:
        content = content_of(file, node)
        if not isinstance(content, ResolvedEntityContent):
            raise NodeError(f"{node!r} has no attributes.")
        return _encoded(content.attributes())


def values(
    path: Path, node: str, selection: str | None, dtype: str, form: str, flatten: bool
) -> Answer:  # fmt: skip
    """Give values of an array; floats of points that were not acquired are NaN.

    Raises
    ------
    TooLargeError
        When they are too many.
    SelectionError
        When the selection is none, or lies outside.
    """
    with open_to_read(path) as file:
        content, part = _array(file, node, selection)
        done = _acquired(file, content.path)  # first: points that are acquired meanwhile are left out whole
        found = content.data(selection, False, dtype)
        if isinstance(found, (np.ndarray, np.floating)) and found.dtype.kind == "f" and done is not None:
            found = _without_lost(done, part, found)
        return _encoded(np.ravel(found) if flatten and isinstance(found, np.ndarray) else found, form)


def paths(path: Path, node: str) -> Answer:
    """Tell the paths of all nodes below one."""
    with open_to_read(path) as file:
        content = content_of(file, node)
        found = [content.path or "/"]
        if isinstance(content, GroupContent):
            where = found[0].rstrip("/")
            # No link is followed: what lies in other files is not named.
            file.driver.raw(found[0]).visititems_links(lambda name, _: found.append(f"{where}/{name}"))
        return _encoded(found)


def progress(path: Path) -> Answer:
    """Tell how far the last scan or log of a file is; null where it has none."""
    try:
        _require_own_nodes(path)
        look = next(iter_progress(path, wait=_give_up))
    except NothingToShowError:
        return told(None)
    return told({**asdict(look), "fileState": look.state})


def settings(path: Path) -> Answer:
    """Tell the settings of all modules."""
    with open_to_read(path) as file:
        require_own_nodes(file)
        found = [{"path": where, "settings": [asdict(each) for each in told_there]}
                 for where, told_there in iter_settings(file)]  # fmt: skip
    return told(found)


def lines(path: Path) -> Answer:
    """Tell the newest lines of the log."""
    with open_to_read(path) as file:
        require_own_nodes(file)
        return told(list(iter_lines(file, last=_LINES)))


def thumbnail(path: Path, index: Path | None) -> Answer:
    """Give a small picture of the last scan of a file, as PNG; nothing where there is nothing to draw."""
    _require_own_nodes(path)
    with Catalogue(index) as catalogue:
        try:
            return Answer(catalogue.thumbnail(path), "image/png")
        except NothingToShowError:
            return Answer(b"", status=HTTPStatus.NO_CONTENT)


def _require_own_nodes(path: Path) -> None:
    with open_to_read(path) as file:
        require_own_nodes(file)


def _give_up(_: float) -> None:
    raise NothingToShowError("there is nothing yet.")


def _described(content: EntityContent) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (
        content.metadata(depth=0) if isinstance(content, GroupContent) else content.metadata()
    )
    return found


def _encoded(content: Any, form: str = "json") -> Answer:
    response = encode(content, form)
    others = {name: text for name, text in response.headers.items() if name == "Content-Disposition"}
    return Answer(response.content, response.headers["Content-Type"], headers=others)


def _array(file: H5Backend, node: str, selection: str | None) -> tuple[DatasetContent, Selection]:
    """Return an array that may be read, and which part of it."""
    content = content_of(file, node)
    if not isinstance(content, DatasetContent):
        raise NodeError(f"{node!r} is no array.")
    raw = file.driver.raw(content.path)
    require_own_values(content, raw)
    shape = tuple(raw.shape or ())
    part = parse_selection(selection or "", shape)
    count = max(
        int(np.prod(selected_shape(part), dtype=object)), int(np.prod(raw.chunks or (1,), dtype=object))
    )
    if count * raw.dtype.itemsize > LIMIT:
        raise TooLargeError(f"{node!r} is too large to be sent at once; select a part of it.")
    return content, part


def _acquired(file: H5Backend, path: str) -> np.ndarray[Any, Any] | None:
    """Return which points of an array were acquired; None where no record tells, or all were."""
    node = _first_name(file, file.get_node(path))
    done = acquired_points(node) if isinstance(node, CARRAY) else None
    return None if done is None or done.all() else done


def _without_lost(done: np.ndarray[Any, Any], part: Selection, found: Any) -> Any:
    """Return values with NaN where a point was not acquired, as our own readers give them."""
    lost = ~np.asarray(done[part[: done.ndim]])
    return np.where(lost.reshape(lost.shape + (1,) * (np.ndim(found) - lost.ndim)), np.nan, found).astype(
        found.dtype
    )


def _first_name(file: H5Backend, node: Node) -> Node:
    """Return a node under the name beside which the record of points stands: a plot may show a second one."""
    if not is_second_name(node):
        return node
    identity = file.driver.identity(node.path)
    alike = (each for each in walk_first_names(file.root()) if file.driver.identity(each.path) == identity)
    return next(alike, node)
