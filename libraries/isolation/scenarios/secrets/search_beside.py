"""A search of frames in a process of its own, while other places are searched or users go on: it takes a core for seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from isolation.drive.worker import Worker
from isolation.record import Frame
from isolation.record.secrets.searches import Planted, Search
from isolation.scenarios.secrets.run_secrets import RunSecrets
from isolation.scenarios.secrets.searching import search_frames

_LONGEST_S = 900.0


class FrameSearcher:
    """What the process hosts (see ``worker``)."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        """Nothing is needed."""

    async def search(self, secrets: RunSecrets, frames: list[Frame], planted: Planted) -> Search:
        """Search frames."""
        return search_frames(secrets, frames, planted)

    async def close(self) -> None:
        """Nothing is held."""


class SearchBeside:
    """Starts the process at once, so that it is ready when there is something to search; ends it at the end of ``with``."""

    def __enter__(self) -> SearchBeside:
        """Start."""
        self._worker = Worker(f"{__name__}:FrameSearcher")
        self._pool = ThreadPoolExecutor(1, "searching beside")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, whatever is still searched."""
        self._worker.stop()
        self._pool.shutdown()

    def frames(self, secrets: RunSecrets, frames: Iterable[Frame], planted: Planted) -> Future[Search]:
        """Begin to search frames.

        Args:
            secrets: The secrets of the run, as they are now.
            frames: All frames of all sessions.
            planted: What has to be found.

        Returns:
            What the search will have seen.
        """
        return self._pool.submit(self._worker.call, "search", secrets, list(frames), planted, timeout=_LONGEST_S)
