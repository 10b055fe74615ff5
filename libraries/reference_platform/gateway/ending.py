"""How the gateway comes to its end."""

from __future__ import annotations

import asyncio

from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.handover import RESTART_EXIT_CODE

#: Between the answer to `restart` and the end.
END_SECONDS = 0.05


class Ending:
    """Whether the gateway shall end, and with which exit code.

    Attributes:
        exit_code: Set when it shall end.
    """

    def __init__(self, log: LogFile) -> None:
        """Go on for now; needs a running event loop."""
        self.exit_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._log = log

    def end(self, exit_code: int) -> None:
        """Let the gateway end."""
        if not self.exit_code.done():
            self.exit_code.set_result(exit_code)

    def end_soon(self, exit_code: int) -> None:
        """Let the gateway end when the answer to whoever asked for it is on its way."""
        asyncio.get_running_loop().call_later(END_SECONDS, self.end, exit_code)

    def governor_lost(self) -> None:
        """Without a governor nobody is limited: start again."""
        self._log.write("governor_lost")
        self.end(RESTART_EXIT_CODE)
