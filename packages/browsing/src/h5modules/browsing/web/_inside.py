"""What a path leads to in a file, as long as that stays inside the file.

A file may come from a stranger. Its links, its virtual arrays and arrays whose values lie elsewhere could
name any file that the server can read: none of these is followed.
"""

from __future__ import annotations

from typing import Any, Final

from h5grove.content import (
    DatasetContent,
    EntityContent,
    ExternalLinkContent,
    SoftLinkContent,
    create_content,
)
from h5grove.models import LinkResolution
from h5grove.utils import NotFoundError

from h5modules.backends import H5Backend, NodeError

from ._errors import OutsideError

_MOST_LINKS = 16
"""How many soft links are followed, one after the other: they may lead round in a ring."""


def content_of(file: H5Backend, path: str) -> EntityContent:
    """Return what is at a path; soft links are followed, links to other files are not.

    Raises
    ------
    NodeError
        When there is nothing.
    OutsideError
        When a link leads to another file.
    """
    waiting, links = _parts(path)[::-1], 0
    done: list[str] = []
    content = _at(file, "/")
    while waiting:
        content = _at(file, "/".join(["", *done, name := waiting.pop()]))
        if isinstance(content, ExternalLinkContent):
            raise OutsideError(f"{path!r} leads to another file, which is not served with this one.")
        if isinstance(content, SoftLinkContent):
            links += 1
            if links > _MOST_LINKS:
                raise NodeError(f"{path!r} leads round in a ring of links.")
            target = str(content.target_path)
            if target.startswith("/"):
                done = []
            waiting += _parts(target)[::-1]
            content = _at(file, "/".join(["", *done]) or "/")
        else:
            done.append(name)
    return content


def child_of(file: H5Backend, path: str) -> EntityContent:
    """Return what the child of a group is; a link that leads nowhere, or out, is returned as a link.

    Raises
    ------
    NodeError
        When there is nothing at the path.
    """
    try:
        return content_of(file, path)
    except OutsideError:
        return _Elsewhere(path)
    except NodeError:
        found = _at(file, path)
        if not isinstance(found, SoftLinkContent):
            raise
        return found


def require_own_values(content: DatasetContent, raw: Any) -> None:
    """Refuse an array whose values lie in other files.

    Raises
    ------
    OutsideError
        When some of them do.
    """
    if raw.is_virtual or raw.external:
        raise OutsideError(
            f"the values of {content.path!r} lie in other files, which are not served with this."
        )


def require_own_nodes(file: H5Backend) -> None:
    """Refuse a file of which anything lies in other files; no link is followed to find that out.

    What reads a file as a whole goes wherever its links lead.

    Raises
    ------
    OutsideError
        When some of it does.
    """
    root = file.driver.handle
    found = root.visititems_links(_path_if_out) or root.visititems(_path_if_outside)
    if found is not None:
        raise OutsideError(f"{found!r} lies in another file, which is not served with this one.")


def _path_if_out(path: str, link: Any) -> str | None:
    return f"/{path}" if hasattr(link, "filename") else None


def _path_if_outside(path: str, node: Any) -> str | None:
    lies_outside = getattr(node, "is_virtual", False) or getattr(node, "external", None)
    return f"/{path}" if lies_outside else None


class _Elsewhere(EntityContent):  # type: ignore[misc]
    """A link to another file, of which not even the name is told: it may be a path of the server."""

    kind: Final = "external_link"

    def metadata(self, depth: int | None = None) -> Any:
        # docstring inherited
        return {"name": self.name, "kind": self.kind, "target_file": "", "target_path": ""}


def _at(file: H5Backend, path: str) -> EntityContent:
    try:
        return create_content(file.driver.handle, path, LinkResolution.NONE)
    except (NotFoundError, LookupError, TypeError, ValueError, RuntimeError, OSError) as error:
        raise NodeError(f"there is no node {path!r}.") from error


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
