"""The gateway as the supervisor's child process."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import reference_platform
from process_control.signals import die_with_parent
from reference_platform.handover import Handover, Ready
from reference_platform.services.connecting import forget_libpq_variables

_SECRET_VARIABLES = ("TEST_DATABASE_URL", "TEST_REDIS_URL", "TEST_CLICKHOUSE_URL")
_STOP_SECONDS = 3.0
_LEAVE_SECONDS = 30.0
"""How long it may take to remove everything from given stores."""


class GatewayFailed(Exception):
    """The gateway could not start; the message is its own last sentence."""


class GatewayProcess:
    """One running gateway. It ends with the thread that made this object: make it on the main thread.

    Args:
        handover: What it needs.
        defects: Names of seeded defects that it carries.
        look_alikes: Names of the harmless variations that it makes.

    Attributes:
        ready: What it said when both endpoints were open.

    Raises:
        GatewayFailed: It did not start.
    """

    def __init__(
        self,
        handover: Handover,
        defects: Sequence[str] = (),
        look_alikes: Sequence[str] = (),
        ready_seconds: float = 60.0,
    ) -> None:
        self._log = handover.log_folder / "gateway-errors.log"
        self._stop_seconds = _STOP_SECONDS if handover.addresses.own_servers else _LEAVE_SECONDS
        command = [sys.executable, "-m", "reference_platform.gateway"]
        for name in defects:
            command += ["--defect", name]
        for name in look_alikes:
            command += ["--look-alike", name]
        with self._log.open("ab") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=handover.settings.folder,
                env=child_environment(),
                # Ctrl-C in a terminal is the supervisor's business; the gateway is then stopped in order.
                start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )
        try:
            self.ready = self._hand_over(handover, ready_seconds)
        except BaseException:
            self.stop()
            raise

    def wait(self, seconds: float) -> int | None:
        """Wait for its end.

        Args:
            seconds: At most this long.

        Returns:
            Its exit code, or None when it still runs.
        """
        # The pipe is closed at its end: nothing has to be asked again and again.
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        return self._process.wait()

    def stop(self) -> None:
        """Ask it to end in order; end it by force when it does not. May be called any number of times."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(self._stop_seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def last_words(self) -> str:
        """The last line that it wrote to standard error."""
        lines = self._log.read_text("utf-8", "replace").split("\n") if self._log.exists() else []
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _hand_over(self, handover: Handover, ready_seconds: float) -> Ready:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(handover.to_secret_line() + "\n")
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended already, and its last words say why
        answered = select.select([self._process.stdout], [], [], ready_seconds)[0]
        line = self._process.stdout.readline() if answered else ""
        try:
            return Ready.from_line(line)
        except (ValueError, TypeError):
            pass
        if not answered:
            raise GatewayFailed(f"The gateway was not ready within {ready_seconds:g} s.")
        self._process.wait()
        raise GatewayFailed(self.last_words() or f"The gateway ended with exit code {self._process.returncode}.")


def child_environment() -> dict[str, str]:
    """This process's environment without secrets, in which ``python -m reference_platform.x`` works from any folder."""
    environment = {name: value for name, value in os.environ.items() if name not in _SECRET_VARIABLES}
    forget_libpq_variables(environment)
    libraries = str(Path(reference_platform.__file__).resolve().parents[1])
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = libraries if not inherited else os.pathsep.join((libraries, inherited))
    return environment
