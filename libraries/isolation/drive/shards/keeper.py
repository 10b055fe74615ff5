"""Looking after shards: every second a sign of life is asked for, which compares the clocks as well."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from isolation.drive.shards.shard import Shard

_EVERY_S = 1.0


class Keeper:
    """A thread that never waits for any shard.

    Args:
        shards: Whom it looks after.
        silent_s: After so many seconds without an answer a shard counts as lost.
        tell: Told of each loss.
    """

    def __init__(self, shards: Sequence[Shard], silent_s: float, tell: Callable[[str], None]) -> None:
        """Begin."""
        self._shards = tuple(shards)
        self._silent_s = silent_s
        self._tell = tell
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True, name="keeper of shards")
        self._thread.start()

    def stop(self) -> None:
        """End; may be called any number of times."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY_S):
            for shard in self._shards:
                shard.beat(self._silent_s, self._tell)
