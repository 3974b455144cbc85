"""Pieces of HTML for a notebook: every text is escaped, every style is written where it is used."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from h5modules.browsing._tree import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_LETTERS = 120
"""How much is shown of one text."""

_DOTS_PER_INCH = 96

_FRAME = (
    "border:1px solid rgba(128,128,128,.35);border-radius:6px;padding:10px 14px;"
    "display:inline-block;max-width:100%;box-sizing:border-box;overflow-x:auto"
)
_GREY = "opacity:.7"
_TABLE = "border-collapse:collapse;margin:2px 0;border:0;font-size:inherit"
_LEFT = "text-align:left;padding:1px 14px 1px 0;vertical-align:top;border:0;background:none"


def escaped(text: object) -> str:
    """Return a text that may come from anybody as HTML that shows it, shortened where it is long.

    Examples
    --------
    >>> escaped('<script>alert("x")</script>')
    '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;'
    """
    line = printable(str(text).replace("\n", " "))
    return html.escape(line if len(line) <= _MOST_LETTERS else f"{line[:_MOST_LETTERS]}\u2026", quote=True)


def framed(heading: str, remark: str, *parts: str) -> str:
    """Return parts, which are HTML, below a heading and a remark, which are text."""
    told = f' <span style="{_GREY}">{escaped(remark)}</span>' if remark else ""
    title = f'<div style="margin-bottom:4px"><strong>{escaped(heading)}</strong>{told}</div>'
    return f'<div style="{_FRAME}">{title}{"".join(parts)}</div>'


def table(facts: Mapping[str, object]) -> str:
    """Return facts as a table, a line each; those that say nothing are left out."""
    lines = (
        f'<tr style="background:none"><td style="{_LEFT};{_GREY}">{escaped(name)}</td>'
        f'<td style="{_LEFT}">{escaped(value)}</td></tr>'
        for name, value in facts.items()
        if str(value)
    )
    return f'<table style="{_TABLE}">{"".join(lines)}</table>'


def listing(lines: Iterable[tuple[str, str]]) -> str:
    """Return lines of a tree: the branch before each, with its name, and what is said of it."""
    told = "\n".join(f'{escaped(name)}  <span style="{_GREY}">{escaped(rest)}</span>' for name, rest in lines)
    style = "margin:4px 0;line-height:1.35;background:none;border:0;padding:0"
    return f'<pre style="{style}">{told}</pre>' if told else ""


def note(text: str) -> str:
    """Return a line that is of less weight."""
    return f'<div style="{_GREY}">{escaped(text)}</div>' if text else ""


def bar(done: int, total: int, colour: str) -> str:
    """Return how much is done as a bar."""
    part = 100 * done / total if total else 100
    outer = "height:6px;border-radius:3px;background:rgba(128,128,128,.25);margin:4px 0 8px"
    inner = f"height:6px;border-radius:3px;background:{colour};width:{part:.1f}%"
    return f'<div style="{outer}"><div style="{inner}"></div></div>'


def picture(figure: Figure, alternative: str) -> str:
    """Return a figure as a picture within the HTML."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, facecolor="white")
    text = base64.b64encode(buffer.getvalue()).decode()
    style = "max-width:100%;margin-top:6px;border-radius:4px"
    return f'<div><img alt="{escaped(alternative)}" style="{style}" src="data:image/png;base64,{text}"></div>'
