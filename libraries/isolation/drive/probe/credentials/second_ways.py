"""Second ways in for a token: address, cookie, subprotocol. One that nobody verifies lets a forged token in."""

from __future__ import annotations

from collections.abc import Iterator

from isolation.drive.session.access import Access
from isolation.target.model import Connect, Target

_PARAMETERS = ("token", "access_token", "jwt", "auth")
_COOKIES = ("token", "access_token", "session")
_SUBPROTOCOLS = ("jwt.{token}", "bearer.{token}")


def second_ways(access: Access) -> Iterator[tuple[str, Target]]:
    """The target with the token on another way than its file says, by what that way is called."""
    session = access.target.session
    connect = session.connect if session is not None else None
    if session is None or connect is None or connect.websocket is None:
        return
    bare = Connect(websocket=connect.websocket.partition("?")[0])
    ways: dict[str, dict[str, object]] = {}
    ways |= {f"in the address ({n})": {"query": {n: "{token}"}} for n in _PARAMETERS if n not in connect.query}
    ways |= {f"in a cookie ({n})": {"cookies": {n: "{token}"}} for n in _COOKIES if n not in connect.cookies}
    offered = [one for one in _SUBPROTOCOLS if one not in connect.subprotocols]
    ways |= {f"as a subprotocol ({one.partition('.')[0]})": {"subprotocols": [one]} for one in offered}
    for name, more in ways.items():
        changed = session.model_copy(update={"connect": bare.model_copy(update=more)})
        yield name, access.target.model_copy(update={"session": changed})
