"""The engine in a thread of this process, called in the same way as through a worker."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType

from isolation.drive.load.engine import Engine


class EngineNearby:
    """Passes calls on to an engine whose loop runs in a thread; use it as a context manager."""

    def __enter__(self) -> EngineNearby:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.engine = Engine(lambda sentence: None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call("close")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def call(self, method: str, *arguments: object, timeout: float = 60.0, **options: object) -> object:
        """Call a method of the engine and wait for its answer."""
        work = getattr(self.engine, method)(*arguments, **options)
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)
