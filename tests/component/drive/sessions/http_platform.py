"""A very small platform that is spoken to by HTTP, for the tests of sessions without a WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

COOKIE = "session-key"


@dataclass
class HttpPlatform:
    """What the platform saw.

    Attributes:
        seen: Method, path and headers of every call.
        jobs: What is being worked on, by id, and how often it was asked for.
        listeners: Streams of events that are open, by user.
        elsewhere: Headers that arrived at the address that a redirect names.
    """

    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    jobs: dict[str, int] = field(default_factory=dict)
    listeners: dict[str, asyncio.Queue[dict[str, object]]] = field(default_factory=dict)
    threads: list[str] = field(default_factory=list)
    base: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer by the path."""
        self.seen.append((request.method, request.path, dict(request.headers)))
        user = request.headers.get("Authorization", "").removeprefix("Bearer ")
        parts = request.path.strip("/").split("/")
        if parts[0] == "login":
            form = {name: str(value) for name, value in (await request.post()).items()}
            response = web.json_response({"token": form["user"]})
            response.set_cookie(COOKIE, f"cookie-of-{form['user']}")
            return response
        if parts[0] == "away":
            return web.Response(
                status=302, headers={"Location": f"{self.base.replace('127.0.0.1', 'localhost')}/stolen"}
            )
        if parts[0] == "who":
            return web.json_response({"cookie": request.cookies.get(COOKIE, "")})
        if not user or user.startswith("nobody"):
            return web.json_response({"error": "who are you"}, status=401)
        return await self.work(request, user, parts)

    async def work(self, request: web.Request, user: str, parts: list[str]) -> web.StreamResponse:
        """What a known user may do."""
        if parts[0] == "threads":
            if request.method == "DELETE":
                self.threads.remove(parts[1])
                return web.Response(status=204)
            self.threads.append(f"thread-of-{user}")
            return web.json_response({"thread_id": self.threads[-1]}, status=201)
        if parts[0] == "stream":
            return await self.stream(request, await request.json())
        if parts[0] == "jobs":
            return self.job(request, parts)
        if parts[0] == "events":
            return await self.listen(request, user)
        if parts[0] == "later":
            body = await request.json()
            self.jobs[body["text"]] = 0
            run = f"run-{len(self.jobs)}"
            for event in ("started", "finished"):
                frame = {"event": event, "run": run, "user": user, "said": body["text"]}
                self.listeners[user].put_nowait(frame)
            return web.json_response({"run": run}, status=202)
        if parts[0] == "refused":
            return web.json_response({"code": "forbidden"}, status=403)
        if parts[0] == "broken":
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"said": (await request.json())["text"], "user": user})

    async def stream(self, request: web.Request, body: dict[str, str]) -> web.StreamResponse:
        """An answer in pieces, as server-sent events, cut where it hurts."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for letter in body["text"]:
            data = f"event: piece\r\ndata: {json.dumps({'text': letter})}\r\n\r\n".encode()
            await response.write(data[:9])
            await asyncio.sleep(0.01)
            await response.write(data[9:])
        await response.write(b": a comment\n\nevent: end\ndata: {}\n\n")
        return response

    def job(self, request: web.Request, parts: list[str]) -> web.StreamResponse:
        """A job that has to be asked for three times."""
        if request.method == "POST":
            name = f"job-{len(self.jobs)}"
            self.jobs[name] = 0
            return web.json_response({"job": name}, status=202)
        self.jobs[parts[1]] += 1
        state = "done" if self.jobs[parts[1]] >= 3 else "working"
        return web.json_response({"state": state, "said": parts[1]})

    async def listen(self, request: web.Request, user: str) -> web.StreamResponse:
        """The events of one user."""
        self.listeners[user] = asyncio.Queue()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while True:
            frame = await self.listeners[user].get()
            await response.write(f"data: {json.dumps(frame)}\n\n".encode())


@asynccontextmanager
async def running() -> AsyncIterator[HttpPlatform]:
    """The platform while it runs."""
    platform = HttpPlatform()
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", platform.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    platform.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield platform
    finally:
        await runner.cleanup()
