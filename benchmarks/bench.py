"""What saving and loading costs: ours, by hand, by the operating system, and PyMoDAQ, in one run.

usage: python bench.py [CASE ...] [--rounds 5] [--json FILE] [--plot FILE]

All sides of a case take turns. Each is as durable against the death of the process as it can be.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import reading
import scan_points
from measuring import Case, Cost, measure
from plotting import draw
from rich.console import Console
from rich.table import Table

CASES: dict[str, Case] = {**scan_points.CASES, **reading.CASES}
if find_spec("h5pyd") and find_spec("hsds"):  # not everywhere
    import served

    CASES |= served.CASES


def table_of(case: Case, costs: dict[str, Cost]) -> Table:
    """Return the costs of a case as a table."""
    table = Table(title=case.title, title_justify="left")
    for name in ("", "us", "ratio", "kB", "target"):
        table.add_column(name, justify="left" if not name else "right")
    for name, cost in costs.items():
        told = ""
        if cost.to_target is not None:
            ratio, most = cost.to_target
            told = f"{ratio:.2f} of {most:g} x {case.targets[name][0]}"
        table.add_row(name, f"{cost.microseconds:,.1f}", f"{cost.ratio:.2f}", f"{cost.kilobytes:,.0f}", told)
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of: {', '.join(CASES)}; all by default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    found = {}
    for name in arguments.cases or CASES:
        found[name] = measure(CASES[name], arguments.rounds)
        Console().print(table_of(CASES[name], found[name]))
    if arguments.json:
        figures = {
            name: {side: asdict(cost) for side, cost in costs.items()} for name, costs in found.items()
        }
        arguments.json.write_text(json.dumps(figures, indent=2), "utf-8")
    if arguments.plot:
        draw(CASES, found, arguments.plot)


if __name__ == "__main__":
    main()
