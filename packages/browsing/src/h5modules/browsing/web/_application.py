"""The application: what can be asked, and who answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from h5modules.backends import H5ModulesError

from . import _answers
from ._answers import Answer
from ._errors import BusyError, NotServedError
from ._listing import Listing
from ._readers import FileReaders
from ._served_files import ServedFiles
from ._watch import ProgressWatch

PAGE = Path(str(files(__package__))) / "page"
"""Where the built page lies."""

Name = Annotated[str, Query(max_length=1000)]
Text = Annotated[str, Query(max_length=200)]
Form = Literal["json", "bin", "csv", "npy", "tiff"]


def create_app(served: ServedFiles, readers: FileReaders | None = None, index: Path | None = None) -> FastAPI:
    """Return the application that serves files; put a `Guard` before it when it is not only for you.

    Parameters
    ----------
    served
        The files.
    readers
        The processes that read them, which are ended with the application; made when None.
    index
        Where the catalogue of what is in the files is kept; in the user's cache folder when None.
    """
    reading = FileReaders() if readers is None else readers
    listing = Listing(served, reading, index)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with reading:
            keeping = asyncio.create_task(listing.keep_known())
            yield
            keeping.cancel()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    _explain_errors(app)
    _add_list(app, served, reading, listing, index)
    _add_files(app, served, reading)
    _add_nodes(app, served, reading)
    app.mount("/", StaticFiles(directory=PAGE, html=True))
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=4)
    return app


def _add_list(
    app: FastAPI, served: ServedFiles, readers: FileReaders, listing: Listing, index: Path | None
) -> None:
    """Add what the list of files shows."""

    @app.get("/api/files")
    async def list_files(search: Text = "") -> dict[str, Any]:
        return await listing.find(search)

    @app.get("/api/thumbnail")
    async def thumbnail(file: Name, of: Text = "") -> Response:
        picture = await readers.ask(_answers.thumbnail, served.find(file), file, seen=of, index=index)
        return _sent(picture, {"Cache-Control": "private, max-age=86400"} if of else {})


def _add_files(app: FastAPI, served: ServedFiles, readers: FileReaders) -> None:
    """Add what is asked of files as a whole."""
    watch = ProgressWatch(readers)

    @app.get("/api/progress")
    async def progress(file: Name) -> Response:
        return _sent(await watch.look(served.find(file), file))

    @app.get("/api/settings")
    async def settings(file: Name) -> Response:
        return _sent(await readers.ask(_answers.settings, served.find(file), file))

    @app.get("/api/log")
    async def log(file: Name) -> Response:
        return _sent(await readers.ask(_answers.lines, served.find(file), file))


def _add_nodes(app: FastAPI, served: ServedFiles, readers: FileReaders) -> None:
    """Add what h5web asks of nodes, under h5grove's names."""

    async def ask(question: Callable[..., Answer], file: str, path: str, **arguments: Any) -> Response:
        return _sent(await readers.ask(question, served.find(file), file, node=path, **arguments))

    @app.get("/api/h5grove/meta")
    async def metadata(file: Name, path: Name = "/", seen: Text = "") -> Response:
        return await ask(_answers.metadata, file, path, seen=seen)

    @app.get("/api/h5grove/attr")
    async def attributes(file: Name, path: Name = "/", seen: Text = "") -> Response:
        return await ask(_answers.attributes, file, path, seen=seen)

    @app.get("/api/h5grove/paths")
    async def paths(file: Name, path: Name = "/") -> Response:
        return await ask(_answers.paths, file, path)

    @app.get("/api/h5grove/data")
    async def values(  # noqa: PLR0913 - what h5web asks
        file: Name,
        path: Name = "/",
        selection: Text | None = None,
        dtype: Literal["origin", "safe"] = "origin",
        format: Form = "json",  # noqa: A002 - h5grove's name
        flatten: bool = False,
        seen: Text = "",
    ) -> Response:
        how = {"selection": selection, "dtype": dtype, "form": format, "flatten": flatten}
        return await ask(_answers.values, file, path, seen=seen, **how)


def _sent(answer: Answer, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    told = {**answer.headers, **(headers if answer.status == HTTPStatus.OK else {})}
    return Response(answer.content, answer.status, told, answer.media_type)


def _explain_errors(app: FastAPI) -> None:
    @app.exception_handler(H5ModulesError)
    async def explain(_: Request, error: H5ModulesError) -> Response:
        status = 404 if isinstance(error, NotServedError) else 503 if isinstance(error, BusyError) else 422
        return JSONResponse({"message": str(error)}, status)

    @app.exception_handler(RequestValidationError)
    async def explain_request(_: Request, error: RequestValidationError) -> Response:
        return JSONResponse({"message": "the request is not one that this server knows."}, 422)

    @app.exception_handler(OSError)
    async def explain_system(_: Request, error: OSError) -> Response:
        return JSONResponse({"message": f"the file cannot be read ({type(error).__name__})."}, 422)
