"""What imports PyMoDAQ is not collected here: it takes seconds, and works in a process of its own."""

from __future__ import annotations

collect_ignore = ["src", "tests/in_pymodaq"]
