"""The agent's end of its socket: one JSON object per line in both directions."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Channel:
    """Sends and receives messages; any thread may send.

    Args:
        connection: A connected stream socket. Sending waits while the gateway does not read: that is how the gateway
            slows down an agent which talks too much.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()

    def send(self, *messages: dict[str, Any]) -> None:
        """Send messages in one piece; without a gateway there is nothing left to do but to end."""
        data = "".join([_encode(message) + "\n" for message in messages]).encode("ascii")
        try:
            with self._sending:
                self._connection.sendall(data)
        except OSError:
            os._exit(0)

    def messages(self) -> Iterator[dict[str, Any]]:
        """Messages from the gateway until it closes its end."""
        with self._connection.makefile("rb") as lines:
            for line in lines:
                yield json.loads(line)
