from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np

from h5modules.module_saving import joined_xml, settings_to_xml


def test_every_type_of_setting():
    settings = {
        "exposure": 0.5,
        "gain": np.int16(3),
        "is on": True,
        "cooled": np.False_,
        "mode": "fast <&>",
        "nothing": None,
        "limit": float("inf"),
        "camera": {"width": 640},
    }
    root = ElementTree.fromstring(settings_to_xml(settings))
    told = {element.get("title"): (element.tag, element.get("type"), element.text) for element in root}
    assert told == {
        "exposure": ("exposure", "float", "0.5"),
        "gain": ("gain", "int", "3"),
        "is on": ("is_on", "bool", "1"),
        "cooled": ("cooled", "bool", "0"),
        "mode": ("mode", "str", "fast <&>"),
        "nothing": ("nothing", "str", "None"),
        "limit": ("limit", "float", "inf"),
        "camera": ("camera", "group", None),
    }
    assert root.find("camera/width").text == "640"
    assert (root.tag, root.get("type")) == ("All_settings", "group")


def test_names_become_tags_of_their_own():
    root = ElementTree.fromstring(
        settings_to_xml({"a b": 1, "a_b": 2, "a-b": 3, "1st": 4, "": 5, "µµ": 6}, "2 b")
    )
    assert [element.tag for element in root] == ["a_b", "a_b_2", "a-b", "_1st", "_", "__"]
    assert root.tag == "_2_b"


def test_characters_that_xml_does_not_have():
    root = ElementTree.fromstring(settings_to_xml({"a\0b": "x\x07y\ud800z\n"}))
    assert (root[0].get("title"), root[0].text) == ("a\ufffdb", "x\ufffdy\ufffdz\n")


def test_parts_are_joined():
    joined = ElementTree.fromstring(joined_xml(settings_to_xml({"a": 1}, "A"), "", settings_to_xml({}, "B")))
    assert [element.tag for element in joined] == ["A", "B"]
