"""A shelf of files for each user, one process for all: ``shelf.py PORT FOLDER``."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "staging"))
from bearer import user_of

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])


def _file(user: str, name: str) -> Path:
    return FOLDER / hashlib.sha256(f"{user}/{name}".encode()).hexdigest()


async def put(request: Request) -> Response:
    """Keep a file of the caller's."""
    user = user_of(request.headers.get("authorization", ""))
    if user is None:
        return JSONResponse({"why": "no good token"}, 401)
    _file(user, request.path_params["name"]).write_bytes(await request.body())
    return JSONResponse({"kept": request.path_params["name"]})


async def get(request: Request) -> Response:
    """Give a file of the caller's, or the part of it that the header Range names."""
    user = user_of(request.headers.get("authorization", ""))
    if user is None:
        return JSONResponse({"why": "no good token"}, 401)
    file = _file(user, request.path_params["name"])
    return FileResponse(file) if file.exists() else JSONResponse({"why": "no such file"}, 404)


async def ping(request: Request) -> Response:
    """Prove that the caller is known."""
    user = user_of(request.headers.get("authorization", ""))
    return JSONResponse({"user": user}, 200 if user else 401)


routes = [
    Route("/ping", ping),
    Route("/files/{name}", put, methods=["PUT"]),
    Route("/files/{name}", get, methods=["GET"]),
]
uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=PORT, log_level="warning")
