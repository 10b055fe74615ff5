"""What a connection begins with: address, headers, cookies and subprotocols with the user's words in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.target.interpreter.outgoing import fill_url, with_query
from isolation.target.model import Connect
from isolation.target.placeholders import UnfilledPlaceholder, fill, fill_text


@dataclass(frozen=True, slots=True)
class Handshake:
    """How one user connects.

    Attributes:
        url: Complete address.
        headers: Headers, cookies included; never shown.
        subprotocols: Offered ones; never shown.
        auth: What socket.io's ``connect`` carries; never shown.
    """

    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    subprotocols: tuple[str, ...] = field(default=(), repr=False)
    auth: object = field(default=None, repr=False)


def handshake_of(
    connect: Connect, words: Mapping[str, object], doors: Mapping[str, str], incomplete: bool = False
) -> Handshake:
    """A connection with words in place.

    Args:
        connect: The connection as the target file writes it.
        words: The words of the user; secrets too, where the file uses them here.
        incomplete: Leave out every header, cookie, parameter and subprotocol whose word is not given: a stranger has none.

    Raises:
        UnfilledPlaceholder: When a word is not given.
    """
    given = {**doors, **words}
    address = connect.websocket or connect.socketio
    assert address is not None, "the target file has been checked for one of the two"
    query = _filled(connect.query, given, incomplete)
    headers = list(_filled(connect.headers, given, incomplete).items())
    cookies = "; ".join(f"{name}={value}" for name, value in _filled(connect.cookies, given, incomplete).items())
    subprotocols = _filled({str(n): value for n, value in enumerate(connect.subprotocols)}, given, incomplete)
    if cookies:
        headers.append(("Cookie", cookies))
    if incomplete:
        given = {"token": "", **given}  # in the address and in a message there is a place for it that stays empty
    return Handshake(
        with_query(fill_url(address, given, doors), query),
        tuple(headers),
        tuple(subprotocols.values()),
        fill(connect.auth, given) if connect.auth is not None else None,
    )


def _filled(texts: Mapping[str, str], words: Mapping[str, object], incomplete: bool) -> dict[str, str]:
    filled: dict[str, str] = {}
    for name, text in texts.items():
        try:
            filled[name] = fill_text(text, words)
        except UnfilledPlaceholder:
            if not incomplete:
                raise
    return filled
