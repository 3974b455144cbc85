"""Look at files from any browser: a server that reads folders and changes nothing.

It needs the extra ``web``: h5grove, FastAPI, uvicorn and Pebble.
"""

from __future__ import annotations

from ._application import create_app
from ._errors import NotServedError, ServingError
from ._served_files import ServedFiles
from ._serving import Address, serve

__all__ = ["serve", "create_app", "ServedFiles", "Address", "ServingError", "NotServedError"]
