"""From a frame to its handler, and from the handler's result to the final frame."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn

from reference_platform.agents import AgentFailure
from reference_platform.authentication.checks import is_id
from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.gateway.endpoint import permissions
from reference_platform.gateway.endpoint.requests import Request, RequestError, bad_request
from reference_platform.registry.registry import AgentLimitReached
from reference_platform.registry.session import Session
from reference_platform.transport.frames import LARGEST_FRAME_BYTES, encode

STRIKES = 3
#: A handler returns the result, or None when it has answered itself. One that waits is served in the session's order.
Result = dict[str, Any] | None
Handler = Callable[[Session, Request], Result | Awaitable[Result]]


class NotAnObject(Exception):
    """A message is no JSON object."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def parse(message: str | bytes) -> dict[str, Any]:
    """Read a message.

    Raises:
        NotAnObject: If it is not one JSON object in a text message.
    """
    if isinstance(message, bytes):
        raise NotAnObject
    try:
        frame = _decoder.decode(message)
    except (ValueError, RecursionError) as error:
        raise NotAnObject from error
    if not isinstance(frame, dict):
        raise NotAnObject
    return frame


def reply(session: Session, request: Request, result: dict[str, Any]) -> None:
    """Send the final frame of a request that succeeded."""
    session.send({"event": "operation_completed", "id": request.correlation_id, "result": result})


def refuse(session: Session, correlation_id: str | None, error: RequestError) -> None:
    """Send the final frame of a request that failed."""
    frame = {"event": "agent_error", "code": error.code, "message": error.message}
    if correlation_id is not None:
        frame["id"] = correlation_id
    session.send(frame)


class WaitingOperation:
    """An operation that waits for something; can be given up like work."""

    def __init__(self, session: Session, request: Request) -> None:
        """Note it as unfinished."""
        self._session = session
        self._request = request
        self.task: asyncio.Task[None] | None = None
        session.unfinished[request.correlation_id] = self

    def give_up(self, code: str | None) -> None:
        """End it: nothing follows but the error frame."""
        if self.task is not None:
            self.task.cancel()
        self.finish()
        if code is not None:
            refuse(self._session, self._request.correlation_id, RequestError(code, "the operation was given up"))

    def finish(self) -> None:
        """It is not unfinished any more."""
        if self._session.unfinished.get(self._request.correlation_id) is self:
            del self._session.unfinished[self._request.correlation_id]


class Dispatcher:
    """Serves the frames of all sessions."""

    def __init__(self, handlers: Mapping[str, Handler], most_unfinished: int, log: LogFile) -> None:
        """Keep the handlers.

        Args:
            handlers: One for each operation.
            most_unfinished: How many requests of a session may be unfinished.
        """
        self._most_unfinished = most_unfinished
        self._log = log
        self._handlers = handlers
        self._waiting = {name for name, handler in handlers.items() if inspect.iscoroutinefunction(handler)}

    def receive(self, session: Session, message: str | bytes) -> bool:
        """Serve one message.

        Args:
            session: From whom it comes.
            message: What came.

        Returns:
            Whether the session may go on; False after the third message in a row that was no JSON object.
        """
        try:
            frame = parse(message)
        except NotAnObject:
            session.strikes += 1
            refuse(session, None, bad_request("a message must be one JSON object"))
            return session.strikes < STRIKES
        session.strikes = 0
        self._serve(session, frame)
        return True

    def _serve(self, session: Session, frame: dict[str, Any]) -> None:
        correlation_id = frame.get("id")
        if not is_id(correlation_id):
            refuse(session, None, bad_request("'id' must be 1 to 64 characters from A-Z a-z 0-9 _ . -"))
            return
        request = Request(str(frame.get("type")), str(correlation_id), frame)
        try:
            self._handle(session, request)
        except RequestError as error:
            refuse(session, request.correlation_id, error)
        except AgentLimitReached:
            refuse(session, request.correlation_id, agent_limit())
        except Exception as error:  # noqa: BLE001 - written down, and the request has to be answered
            self._log.fault(request.operation, error)
            refuse(session, request.correlation_id, RequestError("internal", ""))

    def _handle(self, session: Session, request: Request) -> None:
        handler = self._handlers.get(request.operation)
        if handler is None:
            raise bad_request("'type' is not an operation of this protocol")
        if request.correlation_id in session.unfinished:
            raise bad_request("'id' is in use by an unfinished request")
        if len(session.unfinished) >= self._most_unfinished:
            raise RequestError("busy", f"more than {self._most_unfinished} requests of this session are unfinished")
        permissions.check_operation(session, request)
        if request.operation in self._waiting:
            operation = WaitingOperation(session, request)
            operation.task = asyncio.get_running_loop().create_task(self._wait(session, request, handler, operation))
            return
        result = handler(session, request)
        if isinstance(result, dict):
            reply(session, request, result)

    async def _wait(self, session: Session, request: Request, handler: Handler, operation: WaitingOperation) -> None:
        try:
            async with session.order:
                result = handler(session, request)
                answer = await result if inspect.isawaitable(result) else result
            operation.finish()
            if answer is not None:
                check_size(answer)
                reply(session, request, answer)
        except RequestError as error:
            operation.finish()
            refuse(session, request.correlation_id, error)
        except AgentFailure as failure:
            operation.finish()
            refuse(session, request.correlation_id, RequestError(failure.code, failure.message))
        except AgentLimitReached:
            operation.finish()
            refuse(session, request.correlation_id, agent_limit())
        except Exception as error:  # noqa: BLE001 - written down, and the request has to be answered
            operation.finish()
            self._log.fault(request.operation, error)
            refuse(session, request.correlation_id, RequestError("internal", ""))


def agent_limit() -> RequestError:
    """The tenant has too many agents."""
    return RequestError("quota_exceeded", "the tenant has as many agents as its quota allows")


def check_size(result: dict[str, Any]) -> None:
    """Refuse to send an answer that does not fit into a frame.

    Raises:
        RequestError: ``bad_request``; the client can ask for less.
    """
    if len(encode(result)) > LARGEST_FRAME_BYTES - 1024:
        raise bad_request("the answer does not fit into a frame of 256 KiB; ask for less")
