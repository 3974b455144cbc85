"""Spell plain values as text, and read the text back without running code.

PyMoDAQ stores attributes as the `repr` of a value and reads them with `eval`. A file from somebody else could
so run anything. Here the text is parsed to a syntax tree, and only nodes that spell a value are accepted.
"""

from __future__ import annotations

import ast
import datetime
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ._errors import UndecodableError

_NAMES: dict[str, Any] = {
    "nan": math.nan,
    "inf": math.inf,
    "nanj": complex(0, math.nan),
    "infj": complex(0, math.inf),
    "np.nan": np.nan,
    "np.inf": np.inf,
    "np.True_": np.True_,
    "np.False_": np.False_,
    "datetime.timezone.utc": datetime.UTC,
}

_NUMPY_SCALARS = (
    "bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 longlong ulonglong "
    "float16 float32 float64 longdouble complex64 complex128 clongdouble str_ bytes_"
).split()


def _array(items: Any, dtype: str | None = None) -> np.ndarray[Any, Any]:
    return np.array(items, dtype)


_CALLS: dict[str, Callable[..., Any]] = {
    **{f"{module}.{name}": getattr(np, name) for name in _NUMPY_SCALARS for module in ("np", "numpy")},
    "np.array": _array,
    "datetime.datetime": datetime.datetime,
    "datetime.date": datetime.date,
    "datetime.time": datetime.time,
    "datetime.timedelta": datetime.timedelta,
    "datetime.timezone": datetime.timezone,
    "float": float,
    "complex": complex,
    "set": set,
    "frozenset": frozenset,
}

_PLAIN = (type(None), bool, int, str, bytes)
_DATES = (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)


def spell(value: Any) -> str:
    """Return the text that `parse_literal` reads as `value`, and PyMoDAQ's `eval` too where that is possible.

    It is the `repr` of current numpy, whatever the version, but for numbers whose `repr` is no expression.

    Raises
    ------
    UndecodableError
        When `value` is not plain.

    Examples
    --------
    >>> spell((1, np.float32(0.5), float('inf')))
    "(1, np.float32(0.5), float('inf'))"
    """
    kind = type(value)
    if kind in _PLAIN or kind in _DATES:
        return repr(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else f"float({repr(value)!r})"
    if kind is complex:
        is_finite = math.isfinite(value.real) and math.isfinite(value.imag)
        return repr(value) if is_finite else f"complex({spell(value.real)}, {spell(value.imag)})"
    if isinstance(value, np.generic):
        return _spell_scalar(value)
    if kind is np.ndarray and value.dtype.kind in "biufcSU":
        return f"np.array({spell(value.tolist())}, dtype={value.dtype.str!r})"
    if kind in (tuple, list, set, frozenset, dict):
        return _spell_container(value)
    raise UndecodableError(f"{kind.__module__}.{kind.__qualname__} is not a plain value")


def _spell_scalar(value: np.generic) -> str:
    name = type(value).__name__
    match value.dtype.kind:
        case "b":
            return f"np.{bool(value)}_"
        case "f" | "c" if value.dtype.itemsize > (8 if value.dtype.kind == "f" else 16):
            return f"np.{'longdouble' if value.dtype.kind == 'f' else 'clongdouble'}({str(value)!r})"
        case "i" | "u" | "f" | "c":
            return f"np.{name}({spell(value.item())})"
        case "S" if isinstance(value, bytes):
            return f"np.bytes_({bytes(value)!r})"
        case "U":
            return f"np.str_({str(value)!r})"
    raise UndecodableError(f"numpy.{name} is not a plain value")


def _spell_container(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{spell(key)}: {spell(item)}" for key, item in value.items()) + "}"
    items = ", ".join(spell(item) for item in value)
    if isinstance(value, tuple):
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, list):
        return f"[{items}]"
    braces = f"{{{items}}}" if value else ""
    if isinstance(value, frozenset):
        return f"frozenset({braces})"
    return braces or "set()"


def parse_literal(text: str) -> Any:
    """Return the value whose `repr` is `text`.

    Numbers, strings, bytes, None, booleans, tuples, lists, dicts and sets of these, dates and times, and
    numpy scalars (``np.float64(1.5)``) are understood; nothing else is.

    Raises
    ------
    UndecodableError
        When `text` spells anything else.

    Examples
    --------
    >>> parse_literal("(10, 2)")
    (10, 2)
    >>> parse_literal("__import__('os')")
    Traceback (most recent call last):
    ...
    h5modules.backends._errors.UndecodableError: '__import__(...)' is not a plain value.
    """
    try:
        return _value(ast.parse(text.lstrip(" \t"), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        if isinstance(error, UndecodableError):
            raise
        raise UndecodableError(f"not a plain value ({type(error).__name__}: {error}).") from error


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=value) if value is not ...:
            return value
        case ast.Tuple(elts=items):
            return tuple(_value(item) for item in items)
        case ast.List(elts=items):
            return [_value(item) for item in items]
        case ast.Set(elts=items):
            return {_value(item) for item in items}
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {
                _value(key): _value(value) for key, value in zip(keys, values, strict=True) if key is not None
            }
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            return _signed(sign, _value(operand))
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operation, right=right):
            return _complex(_value(left), operation, _value(right))
        case ast.Name() | ast.Attribute():
            return _named(node)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            return _called(function, arguments, keywords)
    raise UndecodableError(f"{_shown(node)} is not a plain value.")


def _signed(sign: ast.unaryop, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | complex):
        raise UndecodableError(f"a sign before {type(value).__name__} is not a plain value.")
    return -value if isinstance(sign, ast.USub) else value


def _complex(left: Any, operation: ast.operator, right: Any) -> complex:
    # The repr of a complex number is a sum: "(1+2j)".
    if not (isinstance(left, int | float) and isinstance(right, complex)):
        raise UndecodableError("an expression is not a plain value.")
    return left + right if isinstance(operation, ast.Add) else left - right


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return f"{module}.{name}"
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id=package), attr=module), attr=name):
            return f"{package}.{module}.{name}"
    return ""


def _named(node: ast.expr) -> Any:
    name = _dotted(node)
    if name not in _NAMES:
        raise UndecodableError(f"the name {name!r} is not a plain value.")
    return _NAMES[name]


def _called(function: ast.expr, arguments: list[ast.expr], keywords: list[ast.keyword]) -> Any:
    name = _dotted(function)
    if name not in _CALLS or any(keyword.arg is None for keyword in keywords):
        raise UndecodableError(f"'{name}(...)' is not a plain value.")
    named = {str(keyword.arg): _value(keyword.value) for keyword in keywords}
    return _CALLS[name](*(_value(argument) for argument in arguments), **named)


def _shown(node: ast.expr) -> str:
    return repr(ast.unparse(node)[:60])
