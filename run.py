"""Run a session of noxfile.py with nothing but Python 3.11+, git and pip: `python run.py tests`.

The first call makes the environment .venv-tools beside this file, with the nox and uv that constraints.txt
pins; later calls go straight to nox. What follows the name of the session goes on to it:
`python run.py tests -k axis`.
`python run.py` alone lists the sessions.

This file must parse on old Pythons too, so that they can be told that they are too old.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

LOWEST = (3, 11)
ROOT = Path(__file__).resolve().parent
CONSTRAINTS = ROOT / "constraints.txt"
TOOLS = ROOT / ".venv-tools"
STAMP = TOOLS / "made-for.txt"
PYTHON = TOOLS / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(arguments: list[str]) -> int:
    """Prepare the tools where needed, call nox and return its exit code."""
    if sys.version_info < LOWEST:
        return refuse(
            "h5modules needs Python {}.{} or later, and this is {}.{} ({}).".format(
                *LOWEST, *sys.version_info[:2], sys.executable
            ),
            "Call run.py with a newer one: `python3.12 run.py tests`, on Windows `py -3.12 run.py tests`.",
        )
    if not is_prepared():
        if importlib.util.find_spec("ensurepip") is None:
            return refuse(
                f"this Python ({sys.executable}) has no ensurepip, so it cannot make an environment.",
                "On Debian and Ubuntu (as root): apt-get install python3-venv",
            )
        prepare()
    nox = [str(PYTHON), "-m", "nox", "--noxfile", str(ROOT / "noxfile.py")]
    if not arguments or arguments[0] in ("-h", "--help", "-l", "--list"):
        say("python run.py <session> [what the session takes]")
        return subprocess.call([*nox, "--list"])
    session, rest = arguments[0], arguments[1:]
    return subprocess.call([*nox, "--session", session, "--", *(rest[1:] if rest[:1] == ["--"] else rest)])


def is_prepared() -> bool:
    """Tell whether .venv-tools was made by this Python for these constraints."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp()


def prepare() -> None:
    """Make .venv-tools anew and install the pinned nox and uv."""
    say(f"making {TOOLS.name} with nox and uv (once for each Python and each constraints.txt)")
    subprocess.check_call([sys.executable, "-m", "venv", "--clear", str(TOOLS)])
    pip = [str(PYTHON), "-m", "pip", "-qq", "--disable-pip-version-check", "--no-input"]
    subprocess.check_call([*pip, "install", "--constraint", str(CONSTRAINTS), "nox", "uv"])
    # Written last: an interrupted preparation leaves no stamp and is made again.
    STAMP.write_text(stamp(), encoding="utf-8")


def stamp() -> str:
    """Describe what .venv-tools depends on."""
    pins = hashlib.sha256(CONSTRAINTS.read_bytes()).hexdigest()
    return f"{sys.version}\n{sys.base_prefix}\n{ROOT}\n{pins}\n"


def refuse(*lines: str) -> int:
    """Say why nothing was done, and return the exit code that says it to a program."""
    for line in lines:
        print(f"run.py: {line}", file=sys.stderr)
    return 2


def say(line: str) -> None:
    """Tell the person what is going on, before the tools below write."""
    print(f"run.py: {line}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as error:
        sys.exit(refuse(f"`{' '.join(map(str, error.cmd))}` failed with exit code {error.returncode}."))
    except KeyboardInterrupt:
        sys.exit(130)
