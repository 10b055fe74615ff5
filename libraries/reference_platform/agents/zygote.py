"""The zygote: a small process without threads that forks agents on request and collects them when they end.

``python -S -m reference_platform.agents.zygote DESCRIPTOR PARENT``: a connected SEQPACKET socket and the gateway's pid.
Only the standard library is loaded, no secret is ever seen here, and each agent starts as a copy of this clean state.

Messages from the gateway: ``{"request", "agent": {...}, "folder"}`` with the agent's end of a socket pair (SCM_RIGHTS).
Messages to it: ``{"request", "pid", "started_ticks"}`` or ``{"request", "error"}``, and ``{"exited": pid, "code": n}``
(a negative code is the signal that ended the agent).
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys

from reference_platform.agents import kernel
from reference_platform.agents.inside import main_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

LARGEST_MESSAGE_BYTES = 64 * 1024
_AGENT_DESCRIPTOR = 3


class Zygote:
    """Forks and collects agents.

    Args:
        control: The socket to the gateway.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._pid = os.getpid()
        self._living: set[int] = set()
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)

    def serve(self) -> None:
        """Serve the gateway until it closes its end; then end every agent."""
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        waiting = select.poll()
        waiting.register(self._control, select.POLLIN)
        waiting.register(self._woken, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in waiting.poll()}
            if self._woken.fileno() in ready:
                self._collect()
            if self._control.fileno() in ready and not self._handle_request():
                self._end_everybody()
                return

    def _handle_request(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, LARGEST_MESSAGE_BYTES, 1)
        if not data:
            return False
        request = json.loads(data)
        try:
            pid = os.fork()
        except OSError as error:
            os.close(descriptors[0])
            self._tell({"request": request["request"], "error": error.strerror})
            return True
        if pid == 0:
            self._become_agent(descriptors[0], request)
        os.close(descriptors[0])
        self._living.add(pid)
        self._tell({"request": request["request"], "pid": pid, "started_ticks": kernel.started_ticks(pid)})
        return True

    def _become_agent(self, descriptor: int, request: dict[str, Any]) -> NoReturn:
        try:
            self._leave_zygote(descriptor)
            main_thread.serve(socket.socket(fileno=_AGENT_DESCRIPTOR), request["agent"], request["folder"])
        finally:
            os._exit(1)

    def _leave_zygote(self, descriptor: int) -> None:
        """Keep nothing of the zygote but its code: no signal handler, no other agent's or the gateway's descriptor."""
        kernel.die_with_parent(self._pid)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for held in (self._control, self._woken, self._wake):
            held.detach()
        os.dup2(descriptor, _AGENT_DESCRIPTOR, inheritable=False)
        os.closerange(_AGENT_DESCRIPTOR + 1, os.sysconf("SC_OPEN_MAX"))
        # A process group of its own, but the zygote's session: the kernel's autogroup shares the processor between
        # sessions first, and inside a session of its own a contained agent would not give way to anybody.
        os.setpgid(0, 0)

    def _collect(self) -> None:
        try:
            while self._woken.recv(4096):
                continue
        except BlockingIOError:
            pass
        while self._living:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._living.discard(pid)
            self._tell({"exited": pid, "code": os.waitstatus_to_exitcode(status)})

    def _end_everybody(self) -> None:
        for pid in self._living:
            os.kill(pid, signal.SIGKILL)
        for pid in self._living:
            os.waitpid(pid, 0)

    def _tell(self, message: dict[str, Any]) -> None:
        try:
            self._control.send(json.dumps(message).encode("ascii"))
        except OSError:
            self._end_everybody()
            os._exit(0)


def main() -> None:
    """Serve the gateway that started this process."""
    descriptor, parent = int(sys.argv[1]), int(sys.argv[2])
    kernel.die_with_parent(parent)
    kernel.set_process_name("agent-zygote")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    zygote = Zygote(socket.socket(fileno=descriptor))
    gc.collect()
    # Frozen objects are never visited by a collection: their pages stay shared with every agent.
    gc.freeze()
    zygote.serve()


if __name__ == "__main__":
    main()
