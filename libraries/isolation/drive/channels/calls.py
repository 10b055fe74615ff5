"""The requests of one session that are HTTP calls: plain answers, streams of events, and answers that have to be fetched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping

import aiohttp

from isolation.drive.channels.channel import CLOSED_WITHOUT_A_WORD, FrameListener, Refused
from isolation.drive.channels.events import EventReader, ServerEvent
from isolation.drive.channels.http import HttpCaller, HttpReply
from isolation.target.interpreter import Call
from isolation.target.interpreter.conditions import compile_when
from isolation.target.interpreter.frames import http_answer, stream_end, stream_event
from isolation.target.interpreter.outgoing import fill_url
from isolation.target.interpreter.paths import MISSING, compile_path
from isolation.target.model.messages import PollAnswer
from isolation.target.placeholders import UnfilledPlaceholder, fill_text

_LONGEST_S = 3600.0
"""Nothing waits longer for one answer; whoever asks gives up before."""
_NORMAL = 1000


class HttpCalls:
    """HTTP calls for one session, each in a task of its own.

    Args:
        listener: Told what arrives.
        http: Makes the calls.
        words: The words of the session's user, which addresses of later calls may need.
    """

    def __init__(
        self, listener: FrameListener, http: HttpCaller, words: Mapping[str, object], doors: Mapping[str, str]
    ) -> None:
        """Make no call yet."""
        self._doors = doors
        self._listener = listener
        self._http = http
        self._words = words
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, call: Call, request: str, kind: str) -> None:
        """Make a call now; its answer is told under the name of the request."""
        self._begin(self._answer(call, request, kind))

    def listen(self, url: str, headers: Mapping[str, str]) -> None:
        """Hear events at an address for as long as the session lives."""
        self._begin(self._events(url, headers))

    async def close(self) -> None:
        """End every call that is under way."""
        tasks, self._tasks = list(self._tasks), set()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=3)

    def _begin(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, call: Call, request: str, kind: str) -> None:
        try:
            async with asyncio.timeout(_LONGEST_S):
                async with self._http.stream(call.method, call.url, call.headers, call.body) as (reply, content):
                    self._listener.noticed("handshake", _head(reply))
                    if _comes_as_events(call, reply):
                        await self._stream(reply, content, request, kind)
                        return
                    body = await content.read()
                if isinstance(call.answer, PollAnswer) and 200 <= reply.status < 300:
                    await self._fetch(call, call.answer, HttpReply(reply.status, reply.headers, body), request, kind)
                else:
                    self._tell(HttpReply(reply.status, reply.headers, body), request, kind)
        except (Refused, TimeoutError, OSError, ValueError, aiohttp.ClientError, UnfilledPlaceholder) as error:
            self._listener.failed(request, str(error) or type(error).__name__)

    def _tell(self, reply: HttpReply, request: str, kind: str) -> None:
        frame = http_answer(reply.status, reply.by_name(), reply.body, kind)
        self._listener.received(frame, reply.body, time.monotonic(), request)

    async def _stream(self, reply: HttpReply, content: aiohttp.StreamReader, request: str, kind: str) -> None:
        reader = EventReader()
        async for part in content.iter_any():
            self._events_of(reader.feed(part), request, kind)
        self._events_of(reader.rest(), request, kind)
        self._listener.received(stream_end(reply.status, kind), b"", time.monotonic(), request)

    def _events_of(self, events: Iterable[ServerEvent], request: str, kind: str) -> None:
        for event in events:
            frame = stream_event(event.event, event.data, event.id, kind)
            self._listener.received(frame, event.raw, time.monotonic(), request)

    async def _fetch(self, call: Call, answer: PollAnswer, first: HttpReply, request: str, kind: str) -> None:
        """Ask until the answer is there."""
        poll = answer.poll
        frame = _as_frame(first, kind)
        found = {word: compile_path(path)(frame) for word, path in poll.keep.items()}
        words = {**self._words, **{word: value for word, value in found.items() if value is not MISSING}}
        url = fill_url(poll.url, words, self._doors)
        own = poll.headers
        headers = call.headers if own is None else {name: fill_text(value, words) for name, value in own.items()}
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        is_there = compile_when(poll.until)
        while True:
            reply = await self._http.call("GET", url, headers, timeout_s=_LONGEST_S)
            if not 200 <= reply.status < 300 or is_there(_as_frame(reply, kind)):
                self._tell(reply, request, kind)
                return
            await asyncio.sleep(poll.every)

    async def _events(self, url: str, headers: Mapping[str, str]) -> None:
        code, reason = CLOSED_WITHOUT_A_WORD, "the stream of events ended"
        try:
            async with self._http.stream("GET", url, headers) as (reply, content):
                self._listener.noticed("handshake", _head(reply))
                if not 200 <= reply.status < 300:
                    reason = f"the stream of events was answered with HTTP {reply.status}"
                    return
                reader = EventReader()
                async for part in content.iter_any():
                    self._events_of(reader.feed(part), "", "")
        except (Refused, OSError, ValueError, aiohttp.ClientError) as error:
            reason = str(error)
        except asyncio.CancelledError:
            code = _NORMAL
            raise
        finally:
            self._listener.ended(code, reason)


def _as_frame(reply: HttpReply, kind: str) -> dict[str, object]:
    """An answer in which a path finds what it finds in a frame, and the fields of the body without ``body.`` as well."""
    frame = http_answer(reply.status, reply.by_name(), reply.body, kind)
    body = frame.get("body")
    return {**body, **frame} if isinstance(body, dict) else frame


def _comes_as_events(call: Call, reply: HttpReply) -> bool:
    if call.answer == "sse":
        return 200 <= reply.status < 300
    return call.answer is None and reply.is_event_stream


def _head(reply: HttpReply) -> bytes:
    return "\n".join(f"{name}: {value}" for name, value in reply.headers).encode()
