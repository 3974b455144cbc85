"""Settings as the XML that PyMoDAQ's browser shows as a tree."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any

import numpy as np

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that an XML text cannot have."""


def settings_to_xml(settings: Mapping[str, Any], name: str = "All_settings") -> str:
    r"""Return settings as XML.

    Each setting is an element with the attributes ``type`` (``int``, ``float``, ``bool``, ``str`` or
    ``group``) and ``title``, and the value as its text, as PyMoDAQ's parameter trees are stored. Its tag is
    made from the name, and is one of its own in the group. Characters that XML does not have become
    ``\ufffd``.

    Parameters
    ----------
    settings
        Settings by name; a mapping in it becomes a group, anything but numbers and booleans becomes text.
    name
        The name of the outermost group.

    Examples
    --------
    >>> print(settings_to_xml({'exposure': 0.5}))
    <All_settings type="group"><exposure type="float" title="exposure" ...>0.5</exposure></All_settings>
    """
    root = ElementTree.Element(_tag(name, set()), type="group")
    _add(root, settings)
    return ElementTree.tostring(root, encoding="unicode")


def joined_xml(*parts: str, name: str = "All_settings") -> str:
    """Return one group that holds settings, each part as `settings_to_xml` wrote it; empty ones are left out.

    Examples
    --------
    >>> joined_xml(settings_to_xml({}, 'Camera'), '', name='Both')
    '<Both type="group"><Camera type="group" /></Both>'
    """
    root = ElementTree.Element(_tag(name, set()), type="group")
    root.extend(ElementTree.fromstring(part) for part in parts if part)
    return ElementTree.tostring(root, encoding="unicode")


def _add(parent: ElementTree.Element, settings: Mapping[str, Any]) -> None:
    taken: set[str] = set()
    for name, value in settings.items():
        tag, title = _tag(str(name), taken), _allowed(str(name))
        element = ElementTree.SubElement(
            parent, tag, type=_type(value), title=title, visible="1", removable="0", readonly="1"
        )
        if isinstance(value, Mapping):
            _add(element, value)
        else:
            element.text = _text(value)


def _type(value: Any) -> str:
    if isinstance(value, Mapping):
        return "group"
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | np.integer):
        return "int"
    return "float" if isinstance(value, float | np.floating) else "str"


def _text(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    return _allowed(str(value))


def _allowed(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _tag(name: str, taken: set[str]) -> str:
    """Return a name of an element made from `name`, which is none of those `taken`, and add it to them."""
    tag = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
    tag = tag if re.match("[A-Za-z_]", tag) else f"_{tag}"
    number = 1
    unique = tag
    while unique in taken:
        number += 1
        unique = f"{tag}_{number}"
    taken.add(unique)
    return unique
