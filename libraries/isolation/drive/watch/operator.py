"""The operator's door of a target: what whoever runs the platform can see and do."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException


class OperatorError(Exception):
    """The operator's door refused or did not answer; the sentence says which operation."""


class OperatorDoor:
    """Asks over one WebSocket; opens it again when it was lost (the platform may restart)."""

    def __init__(self, address: str, credential: str) -> None:
        """Keep address and credential; nothing is opened yet."""
        self._address = address
        self._credential = credential
        self._socket: ClientConnection | None = None
        self.openings = 0
        """How often the connection was opened: a platform that restarted counts its entries anew."""
        self._numbers = itertools.count(1)
        self._lock = asyncio.Lock()

    async def ask(self, op: str, timeout_s: float = 30.0, /, **arguments: object) -> Any:
        """Ask one thing.

        Args:
            op: Name of the operation.
            timeout_s: Seconds to wait.
            **arguments: Its arguments.

        Raises:
            OperatorError: When it is refused, or no answer comes in time.
        """
        async with self._lock:
            try:
                async with asyncio.timeout(timeout_s):
                    return await self._exchange(op, arguments)
            except TimeoutError:
                await self._drop()
                raise OperatorError(f"the operator door gave no answer to '{op}' within {timeout_s:g} s") from None
            except InvalidStatus as error:
                status = error.response.status_code
                raise OperatorError(f"the operator door refused the credential (HTTP {status})") from None
            except (OSError, WebSocketException) as error:
                await self._drop()
                raise OperatorError(f"the operator door at {self._address} is not there for '{op}': {error}") from None

    def another(self) -> OperatorDoor:
        """A second connection to the same door, for what may be asked at the same time."""
        return OperatorDoor(self._address, self._credential)

    async def close(self) -> None:
        """Close the connection."""
        await self._drop()

    async def _exchange(self, op: str, arguments: dict[str, object]) -> Any:
        if self._socket is None:
            headers = {"Authorization": f"Bearer {self._credential}"}
            self.openings += 1
            self._socket = await connect(
                self._address,
                additional_headers=headers,
                compression=None,
                proxy=None,
                max_size=None,
                ping_interval=None,
            )
        number = str(next(self._numbers))
        await self._socket.send(json.dumps({"op": op, "id": number, **arguments}))
        while True:
            answer = json.loads(await self._socket.recv())
            if answer.get("id") == number:
                break
        if not answer.get("ok"):
            raise OperatorError(f"the operator door refused '{op}': {answer.get('code')}: {answer.get('message')}")
        return answer["result"]

    async def _drop(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
