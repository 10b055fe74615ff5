"""Doors out of OpenAPI documents: every operation that takes the id of a thing becomes a request that reaches it."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from isolation.drive.channels.channel import Refused
from isolation.drive.session.access import Access
from isolation.target.interpreter.openapi import read_openapi
from isolation.target.interpreter.outgoing import fill_url
from isolation.target.model import HttpRequest, Target, Thing
from isolation.target.model.messages import RequestTemplate

_READ_WITHIN_S = 20.0


async def with_documents(access: Access) -> tuple[Target, tuple[str, ...]]:
    """The target with a request for every operation of the OpenAPI documents that its things name.

    Returns:
        The target, and in words what could not be made into a request.
    """
    target = access.target
    requests: dict[str, RequestTemplate] = dict(target.requests)
    things: dict[str, Thing] = dict(target.things)
    skipped: list[str] = []
    for name, thing in target.things.items():
        if thing.from_openapi is None:
            continue
        url = fill_url(thing.from_openapi.url, access.words({}), access.doors)
        document = await _read(access, url)
        if document is None:
            skipped.append(f"the operations of {name}: its OpenAPI document cannot be read")
            continue
        reading = read_openapi(document, thing.from_openapi, thing.id, _base(url, document), _headers(target))
        skipped += reading.skipped
        own = {_word(one.name): one.request for one in reading.requests}
        requests |= {word: request for word, request in own.items() if word not in requests}
        things[name] = thing.model_copy(update={"reach": [*thing.reach, *own]})
    if requests == target.requests:
        return target, tuple(skipped)
    return target.model_copy(update={"requests": requests, "things": things}), tuple(skipped)


async def _read(access: Access, url: str) -> object | None:
    try:
        reply = await access.http.call("GET", url, {"Accept": "application/json"}, timeout_s=_READ_WITHIN_S)
        return json.loads(reply.body) if reply.status == 200 else None
    except (Refused, TimeoutError, OSError, ValueError):
        return None


def _base(url: str, document: object) -> str:
    """Where the paths of a document begin: at its first server, or at the site that it came from."""
    site = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    servers = document.get("servers") if isinstance(document, dict) else None
    first = servers[0].get("url", "") if isinstance(servers, list) and servers and isinstance(servers[0], dict) else ""
    # Credentials never leave for another site: of an absolute address only the path counts.
    return site + urlsplit(str(first)).path.rstrip("/")


def _headers(target: Target) -> dict[str, str]:
    """What proves who the caller is in the file's own HTTP requests."""
    calls = [request for request in target.requests.values() if isinstance(request, HttpRequest)]
    return dict(calls[0].headers) if calls else {}


def _word(name: str) -> str:
    return re.sub(r"\W+", "_", name.lower()).strip("_")
