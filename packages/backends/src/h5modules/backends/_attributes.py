"""The attributes of a node, as a mapping of Python values."""

from __future__ import annotations

import warnings
from collections.abc import Container, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from ._codec import RawValue, decode, encode
from ._errors import AttributeValueError, AttributeWarning, UndecodableError

if TYPE_CHECKING:
    from ._nodes import Node


class Attributes(MutableMapping[str, Any]):
    """The attributes of one node: read and written as Python values.

    Values come back equal and of the same type: see the codec in ``docs/format.md``. ``title`` is another
    name of ``TITLE``. Nothing is kept: each access reads or writes the file.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     group = file.add_group('Notes', 'data', '/')
    ...     group.attrs['exposure'] = 0.5
    ...     group.attrs['shape'] = (10, 2)
    ...     group.attrs['exposure'], group.attrs['shape']
    (0.5, (10, 2))
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    @property
    def node(self) -> Node:
        """The node that these are the attributes of."""
        return self._node

    @property
    def attrs_name(self) -> list[str]:
        """The names of the attributes, sorted."""
        return self._node.driver.attribute_names(self._node.path)

    def __getitem__(self, name: str) -> Any:
        driver, path = self._node.driver, self._node.path
        raw = driver.read_attribute(path, _stored_name(name))
        try:
            return decode(raw)
        except UndecodableError as error:
            told = f"{self._place(name)}: {error} Its text is returned instead."
            warnings.warn(told, AttributeWarning, stacklevel=2)
            return raw

    def read(self, without: Container[str] = ()) -> tuple[dict[str, Any], dict[str, str]]:
        """Return all values by name, and what is wrong with those that have none; no warning is given.

        Parameters
        ----------
        without
            The names of attributes to pass by.

        Returns
        -------
        The values, sorted by name: None for an attribute that has no value in Python, and the text of one
        that stands for no plain value. Then, by name, a remark for each of these.
        """
        driver, path = self._node.driver, self._node.path
        values: dict[str, Any] = {}
        remarks: dict[str, str] = {}
        for name, raw in driver.read_attributes(path, without).items():
            if isinstance(raw, UndecodableError):
                values[name] = None
                remarks[name] = str(raw)
                continue
            try:
                values[name] = decode(raw)
            except UndecodableError as error:
                values[name] = raw
                remarks[name] = f"{self._place(name)}: {error} Its text is returned instead."
        return values, remarks

    def _place(self, name: str) -> str:
        return f"attribute {name!r} of {self._node.path!r} in {self._node.driver.filename!r}"

    def __setitem__(self, name: str, value: Any) -> None:
        self.write({name: value})

    def write(self, values: Mapping[str, Any]) -> None:
        """Write several attributes at once.

        Raises
        ------
        AttributeValueError
            When a value cannot be kept in an attribute; then none was written.
        """
        encoded = encode_attributes(values, self._node.path)
        with self._node.to_h5_backend().lock:
            self._node.driver.write_attributes(self._node.path, encoded)

    def __delitem__(self, name: str) -> None:
        with self._node.to_h5_backend().lock:
            self._node.driver.delete_attribute(self._node.path, _stored_name(name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _stored_name(name) in self.attrs_name

    def __iter__(self) -> Iterator[str]:
        return iter(self.attrs_name)

    def __len__(self) -> int:
        return len(self.attrs_name)

    def to_dict(self) -> dict[str, Any]:
        """Return names and values as a dict; what has no Python value is left out, with a warning."""
        values, remarks = self.read()
        for name, remark in remarks.items():
            is_lost = values[name] is None
            if is_lost:
                del values[name]
            warnings.warn(f"{remark} It is left out." if is_lost else remark, AttributeWarning, stacklevel=2)
        return values

    def __str__(self) -> str:
        return f"{self._node.path}.attrs (Attributes), {len(self)} attributes"

    def __repr__(self) -> str:
        lines = [f"{name} := {value}" for name, value in self.to_dict().items()]
        return f"{self}:\n   [" + ",\n    ".join(lines) + "]"


def encode_attributes(values: Mapping[str, Any], path: str) -> dict[str, RawValue]:
    """Return attributes as they are stored, to be sure that they can be before anything is written.

    Parameters
    ----------
    values
        Names and values.
    path
        The node they are for, for the error.

    Raises
    ------
    AttributeValueError
        When a value cannot be kept in an attribute.
    """
    encoded = {}
    for name, value in values.items():
        try:
            encoded[_stored_name(name)] = encode(value)
        except AttributeValueError as error:
            raise AttributeValueError(f"attribute {name!r} of {path!r}: {error}") from None
    return encoded


def _stored_name(name: str) -> str:
    return "TITLE" if name == "title" else name
