"""Settings as the XML that PyMoDAQ's browser shows as a tree."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any

import numpy as np


def settings_to_xml(settings: Mapping[str, Any], name: str = "All_settings") -> str:
    """Return settings as XML.

    Each setting is an element with the attributes ``type`` (``int``, ``float``, ``bool``, ``str`` or ``group``) and
    ``title``, and the value as its text, as PyMoDAQ's parameter trees are stored.

    Parameters
    ----------
    settings
        Values by name; a mapping in it becomes a group, anything but numbers and booleans becomes text.
    name
        The name of the outermost group.

    Examples
    --------
    >>> settings_to_xml({'exposure': 0.5})
    '<All_settings type="group"><exposure type="float" title="exposure" visible="1" removable="0" readonly="1">0.5</exposure></All_settings>'
    """
    root = ElementTree.Element(_tag(name), type="group")
    _add(root, settings)
    return ElementTree.tostring(root, encoding="unicode")


def joined_xml(*parts: str, name: str = "All_settings") -> str:
    """Return one group that holds the settings of several, each as written by `settings_to_xml`; empty ones left out."""
    root = ElementTree.Element(_tag(name), type="group")
    for part in parts:
        if part:
            root.append(ElementTree.fromstring(part))
    return ElementTree.tostring(root, encoding="unicode")


def _add(parent: ElementTree.Element, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        element = ElementTree.SubElement(
            parent, _tag(name), type=_type(value), title=name, visible="1", removable="0", readonly="1"
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
    text = str(value)
    return "".join(character for character in text if character in "\t\n\r" or character >= " ")  # XML has no others


def _tag(name: str) -> str:
    tag = re.sub(r"[^\w.-]", "_", name)
    return tag if re.match(r"[^\W\d]", tag) else f"_{tag}"
