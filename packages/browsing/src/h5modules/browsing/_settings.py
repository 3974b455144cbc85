"""The settings of modules, as they are kept in a file, and what differs between two of them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass

from h5modules.backends import H5Backend, Node, UndecodableError, Where

from ._errors import SettingsError

_ATTRIBUTE = "settings"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, or a group of settings.

    Attributes
    ----------
    path
        The names from the outermost group, joined by ``/``.
    depth
        How many groups it lies in.
    title, kind
        What a user saw, and its type: ``float``, ``list``, ``group``, ...
    value
        Its value as text; empty for a group.
    """

    path: str
    depth: int
    title: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that two sets of settings do not share; None is where it is missing."""

    path: str
    title: str
    before: str | None
    after: str | None


def read_settings(node: Node) -> tuple[Setting, ...]:
    """Return the settings of a node, groups before what they hold; none where it has no settings.

    Raises
    ------
    SettingsError
        When they are not XML.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     group = file.get_set_group('/', 'Camera')
    ...     group.attrs['settings'] = '<Camera type="group"><gain type="int" title="Gain">3</gain></Camera>'
    ...     [(setting.path, setting.value) for setting in read_settings(group)]
    [('Camera', ''), ('Camera/gain', '3')]
    """
    text = settings_text(node)
    if not text:
        return ()
    try:
        return flat_settings(text)
    except ElementTree.ParseError as error:
        raise SettingsError(f"the settings of {node.path!r} are not XML: {error}.") from error


def flat_settings(text: str) -> tuple[Setting, ...]:
    """Return the settings in an XML text; an `ElementTree.ParseError` where it is none."""
    root = ElementTree.fromstring(text)
    return tuple(_flattened(root, root.tag, 0))


def settings_text(node: Node) -> str:
    """Return the XML of a node's settings, empty where it has none."""
    try:
        value = node.attrs.get(_ATTRIBUTE, "")
    except UndecodableError:
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def iter_settings(file: H5Backend, where: Where = "/") -> Iterator[tuple[str, tuple[Setting, ...]]]:
    """Yield the path and the settings of each group that has any, from `where` downwards."""
    for group in file.walk_groups(where):
        if settings := read_settings(group):
            yield group.path, settings


def compare_settings(before: tuple[Setting, ...], after: tuple[Setting, ...]) -> list[SettingChange]:
    """Return what differs between the settings of two nodes, in their order."""
    old = {setting.path: setting for setting in before if setting.kind != "group"}
    new = {setting.path: setting for setting in after if setting.kind != "group"}
    changes = []
    for path in [*old, *(path for path in new if path not in old)]:
        left, right = old.get(path), new.get(path)
        values = tuple(None if each is None else each.value for each in (left, right))
        if values[0] != values[1]:
            title = next(each.title for each in (left, right) if each is not None)
            changes.append(SettingChange(path, title, *values))
    return changes


def _flattened(element: ElementTree.Element, path: str, depth: int) -> Iterator[Setting]:
    children = list(element)
    kind = element.get("type", "group" if children else "")
    title = element.get("title") or element.tag
    yield Setting(path, depth, title, kind, "" if children else (element.text or "").strip())
    for child in children:
        yield from _flattened(child, f"{path}/{child.tag}", depth + 1)
