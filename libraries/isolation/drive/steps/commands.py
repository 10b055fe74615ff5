"""A step that is a command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from isolation.drive.channels.channel import Refused
from isolation.target.interpreter import CommandRun, Reply


async def run_command(run: CommandRun, timeout_s: float) -> Reply:
    """Run a command; what takes too long is ended with everything that it started.

    Raises:
        Refused: When it cannot be started.
        TimeoutError: When it takes too long.
    """
    program, *arguments = run.command
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable if program == "python" else program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **run.environment},
            start_new_session=True,
        )
    except OSError as error:
        raise Refused(f"it cannot be started: {error.strerror}") from None
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    return Reply(process.returncode or 0, output.decode("utf-8", "replace"))
