"""The cells of the page on notebooks run in a kernel, and show what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import nbclient
import nbformat

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "in-a-notebook.md"


def test_the_cells_of_the_page_run(tmp_path: Path) -> None:
    sources = re.findall(r"```(?:python|text)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [cell.outputs[-1].data["text/html"] for cell in notebook.cells[1:]]
    assert len(shown) == 3
    assert all("data:image/png;base64," in html for html in shown)
    assert "15 of 21 points" in shown[0]
    assert "15 of 21 points, incomplete" in shown[2]
