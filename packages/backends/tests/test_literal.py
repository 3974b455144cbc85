"""The parser of literals: values are read, nothing runs."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5modules.backends import UndecodableError
from h5modules.backends._codec import same
from h5modules.backends._literal import parse_literal, spell

VALUES: dict[str, Any] = {
    "1": 1,
    "-1": -1,
    "+1": 1,
    "0x10": 16,
    "1_000": 1000,
    "1e3": 1000.0,
    "-1.5e-300": -1.5e-300,
    "nan": float("nan"),
    "-inf": float("-inf"),
    "1e999": float("inf"),
    "2j": 2j,
    "(1+2j)": 1 + 2j,
    "(-0-2j)": -2j,
    "(1+nanj)": complex(1, float("nan")),
    "True": True,
    "None": None,
    "'a' 'b'": "ab",
    "b'\\xff'": b"\xff",
    "()": (),
    "(1,)": (1,),
    "1, 2": (1, 2),
    "[1, (2, [3])]": [1, (2, [3])],
    "{1, 2}": {1, 2},
    "set()": set(),
    "frozenset({1})": frozenset({1}),
    "{}": {},
    "{'a': 1, 2: None}": {"a": 1, 2: None},
    "float('nan')": float("nan"),
    "np.float64(1.5)": np.float64(1.5),
    "numpy.int32(3)": np.int32(3),
    "np.True_": np.True_,
    "np.nan": float("nan"),
    "np.array([1, 2], dtype='<i4')": np.array([1, 2], "<i4"),
    "datetime.date(2020, 1, 2)": datetime.date(2020, 1, 2),
    "datetime.datetime(2020, 1, 2, 3, 4, tzinfo=datetime.timezone.utc)": datetime.datetime(
        2020, 1, 2, 3, 4, tzinfo=datetime.UTC
    ),
    "datetime.timedelta(days=-1)": datetime.timedelta(days=-1),
    " 1": 1,
    "1  # one": 1,
}

ATTACKS = {
    "name": "exit",
    "call": "exit()",
    "import": "__import__('os').system('true')",
    "call with keywords": "print(**{'end': ''})",
    "star": "datetime.date(*(2020, 1, 2))",
    "attribute": "().__class__",
    "attribute chain": "().__class__.__bases__[0].__subclasses__()",
    "attribute of a known name": "np.float64.__init__.__globals__",
    "method of a value": "'a'.upper()",
    "call of a call": "np.float64(1)(2)",
    "unknown of numpy": "np.load('x')",
    "unknown of datetime": "datetime.datetime.now()",
    "subscript": "[1][0]",
    "comprehension": "[x for x in (1, 2)]",
    "generator": "(x for x in (1,))",
    "dict comprehension": "{x: 1 for x in (1,)}",
    "dict unpacking": "{**{1: 2}}",
    "list unpacking": "[*(1, 2)]",
    "f-string": "f'{1}'",
    "f-string with a call": "f'{exit()}'",
    "lambda": "lambda: 1",
    "walrus": "(x := 1)",
    "condition": "1 if True else 2",
    "comparison": "1 < 2",
    "boolean": "True and False",
    "not": "not True",
    "inverted": "~1",
    "power": "9**9**9",
    "product": "'a' * 10**9",
    "shift": "1 << 10**9",
    "sum": "1 + 2",
    "sum of texts": "'a' + 'b'",
    "format": "'%s' % 1",
    "complex on the left": "1j + 1",
    "ellipsis": "...",
    "sign of a text": "-'a'",
    "sign of a boolean": "-True",
    "await": "await x",
    "statement": "import os",
    "two lines": "1\n2",
    "assignment": "x = 1",
    "empty": "",
    "NUL": "1\0",
    "surrogate": "'\ud800",
    "huge integer": "9" * 10_000,
    "unfinished": "(1,",
    "unhashable set": "{[1]}",
    "unhashable key": "{[1]: 2}",
    "wrong arguments": "datetime.date(1, 2, 3, 4)",
    "out of range": "datetime.date(0, 0, 0)",
    "overflow": "datetime.timedelta(days=10**20)",
    "out of a dtype": "np.int8(1000)",
    "no number": "np.float64('x')",
    "no dtype": "np.array(1, dtype='nonsense')",
    "deep lists": "[" * 50_000 + "]" * 50_000,
    "deep tuples": "(" * 50_000 + ")" * 50_000,
    "deep signs": "-" * 50_000 + "1",
    "deep sums": "+".join(["1"] * 50_000),
    "deep attributes": "a" + ".a" * 50_000,
    "deep calls": "set(" * 150 + "1" + ")" * 150,
}


@pytest.mark.parametrize("text", VALUES)
def test_values_are_read(text: str) -> None:
    assert same(parse_literal(text), VALUES[text])


@pytest.mark.parametrize("name", ATTACKS)
def test_everything_else_is_refused(name: str) -> None:
    with pytest.raises(UndecodableError, match="plain value|expression"):
        parse_literal(ATTACKS[name])


WATCHER = """
import json, sys
from h5modules.backends import UndecodableError
from h5modules.backends._literal import parse_literal

# What would do harm: loading code, running it, starting a program, touching a file.
HARM = {"import", "exec", "os.system", "subprocess.Popen", "open", "socket.connect", "code.__new__"}
attacks = json.load(sys.stdin)
done = []
now = None
sys.addaudithook(lambda event, arguments: done.append((now, event)) if now and event in HARM else None)
for name, text in attacks.items():
    now = name
    try:
        parse_literal(text)
    except UndecodableError:
        pass
    now = None
print(json.dumps(done))
"""


def test_nothing_runs() -> None:
    # In a process of its own: an audit hook cannot be taken off again.
    done = subprocess.run(
        [sys.executable, "-c", WATCHER],
        input=json.dumps(ATTACKS),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == []


@given(st.text())
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        parse_literal(text)
    except UndecodableError as error:
        assert str(error)  # noqa: PT017 - either outcome is right


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.floats(), lambda inner: st.lists(inner) | st.tuples(inner)
    )
)
def test_what_is_spelt_is_read(value: Any) -> None:
    assert same(parse_literal(spell(value)), value)
