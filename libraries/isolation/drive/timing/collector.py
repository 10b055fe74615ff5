"""The garbage collector stands still while something is measured: a full collection in a burst adds some 200 ms to it."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (50_000, 20, 100)
_FIRST_S = 0.1


class CollectorAtRest:
    """Stops the collector for as long as anything is measured; measurements may overlap."""

    def __init__(self) -> None:
        """Make collections rare in between, too."""
        gc.set_threshold(*_THRESHOLDS)
        self._measuring = 0
        self.took_s = _FIRST_S
        """How long the last collection took: what begins at a moment has to begin with this before."""

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Collect now, unless something is measured already, and not again until the end."""
        if not self._measuring:
            began = time.monotonic()
            gc.collect()
            gc.freeze()
            self.took_s = time.monotonic() - began
            gc.disable()
        self._measuring += 1
        try:
            yield
        finally:
            self._measuring -= 1
            if not self._measuring:
                gc.enable()
                gc.unfreeze()
