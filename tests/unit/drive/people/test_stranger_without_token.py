"""A stranger without a token: headers that would carry it are left out, in an address its place stays empty."""

from __future__ import annotations

import pytest

from isolation.drive.channels.connecting import handshake_of
from isolation.target.model.session import Connect
from isolation.target.placeholders import UnfilledPlaceholder

DOORS = {"ws": "ws://127.0.0.1:1/ws"}


def test_in_a_header() -> None:
    connect = Connect.model_validate({"websocket": "{ws}", "headers": {"Authorization": "Bearer {token}"}})
    assert handshake_of(connect, {}, DOORS, incomplete=True).headers == ()
    with pytest.raises(UnfilledPlaceholder):
        handshake_of(connect, {}, DOORS)


def test_in_the_address() -> None:
    connect = Connect.model_validate({"websocket": "{ws}?token={token}"})
    assert handshake_of(connect, {}, DOORS, incomplete=True).url == "ws://127.0.0.1:1/ws?token="
