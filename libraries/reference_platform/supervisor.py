"""The supervisor: starts the stores and the gateway, restarts the gateway on demand, stops everything."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from process_control.signals import die_with_parent
from reference_platform.gateway_process import GatewayFailed, GatewayProcess
from reference_platform.handover import LEFT_BEHIND, RESTART_EXIT_CODE, Handover
from reference_platform.settings import PlatformSettings
from reference_platform.stores import Stores, open_stores

HOST = "127.0.0.1"
_LOOK_SECONDS = 1.0


class StartFailed(Exception):
    """The platform cannot start; the message is one sentence that says why."""


class GatewayLost(Exception):
    """The gateway ended while the platform ran; the message is one sentence with its last words."""


class _StopRequested(BaseException):
    """Somebody asked the platform to end, or whom it should end with has ended."""


@dataclass(frozen=True, slots=True)
class StartOptions:
    """How to start.

    Attributes:
        settings: The platform's settings; its folder is chosen here.
        defects: Names of seeded defects.
        look_alikes: Names of harmless variations.
        environment: Where the addresses of given stores stand.
        end_with_parent: Whether the platform ends when the process that started it ends.
    """

    settings: PlatformSettings
    defects: Sequence[str] = ()
    look_alikes: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    end_with_parent: bool = False


class Supervisor:
    """Runs one platform until it is told to stop; call ``run`` on the main thread.

    Args:
        options: How to start.
    """

    def __init__(self, options: StartOptions) -> None:
        self._options = options
        self._parent = os.getppid() if options.end_with_parent else None

    def run(self) -> None:
        """Start everything, say so on standard output, and serve until SIGTERM, SIGINT or the parent's end.

        Raises:
            StartFailed: Something could not be started; nothing is left running.
            GatewayLost: The gateway ended by itself; nothing is left running.
            ServiceError: The stores could not be started; nothing is left running.
        """
        try:
            self._listen_to_signals()
            for port in (self._options.settings.port, self._options.settings.operator_port):
                require_free_port(port)
            with open_stores(self._options.environment) as stores:
                self._serve(self._prepare(stores))
        except _StopRequested:
            pass

    def _serve(self, handover: Handover) -> None:
        gateway = self._start_gateway(handover)
        try:
            ready = gateway.ready
            # The same doors after a restart.
            ports = {"port": ready.port, "operator_port": ready.operator_port}
            handover = replace(handover, settings=handover.settings.model_copy(update=ports))
            announce(gateway, handover.settings.folder)
            while True:
                code = gateway.wait(_LOOK_SECONDS)
                if self._parent is not None and os.getppid() != self._parent:
                    return
                if code == RESTART_EXIT_CODE:
                    gateway.stop()
                    gateway = self._start_gateway(handover)
                elif code is not None:
                    raise GatewayLost(f"The gateway ended by itself (exit code {code}): {gateway.last_words()}")
        finally:
            gateway.stop()
            if (words := gateway.last_words()).startswith(LEFT_BEHIND):
                print(words, file=sys.stderr)

    def _start_gateway(self, handover: Handover) -> GatewayProcess:
        try:
            return GatewayProcess(handover, self._options.defects, self._options.look_alikes)
        except GatewayFailed as error:
            raise StartFailed(str(error)) from None

    def _prepare(self, stores: Stores) -> Handover:
        """Make secrets, the log folder and the credentials file."""
        log_folder = stores.folder / "logs"
        log_folder.mkdir(mode=0o700)
        for log in stores.server_logs:
            (log_folder / log.name).hardlink_to(
                log
            )  # a link by name would not be followed by whoever searches the folder
        handover = Handover(
            settings=self._options.settings.model_copy(update={"folder": stores.folder}),
            addresses=stores.addresses,
            jwt_secret=secrets.token_urlsafe(48),
            operator_credential=secrets.token_urlsafe(32),
            log_folder=log_folder,
            processes={"supervisor": os.getpid(), **stores.processes},
            run=secrets.token_hex(8),
        )
        write_credentials(handover)
        return handover

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if self._parent is not None:
            # A signal of its own: the kernel also sends it when only the thread that started this process has ended.
            signal.signal(signal.SIGUSR1, self._look_for_parent)
            die_with_parent(self._parent, signal.SIGUSR1)
            self._look_for_parent()

    def _look_for_parent(self, number: int = 0, frame: FrameType | None = None) -> None:
        if os.getppid() != self._parent:
            self._stop()

    def _stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            signal.signal(each, signal.SIG_IGN)
        raise _StopRequested


def credentials_file(folder: Path) -> Path:
    """Where the credentials are.

    Args:
        folder: The platform's folder.
    """
    return folder / "credentials.json"


def write_credentials(handover: Handover) -> None:
    """Write the credentials file, readable by its owner only."""
    addresses = handover.addresses
    analytics = (addresses.clickhouse_url or addresses.clickhouse_path) if handover.settings.clickhouse else None
    credentials = {
        "jwt_secret": handover.jwt_secret,
        "operator_credential": handover.operator_credential,
        "database_url": addresses.postgres_url,
        "redis_url": addresses.redis_url,
        "clickhouse": analytics,
        "log_folder": str(handover.log_folder),
    }
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(credentials_file(handover.settings.folder), flags, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(credentials, file)


def announce(gateway: GatewayProcess, folder: Path) -> None:
    """Print the line that says that the platform is ready.

    Raises:
        StartFailed: Nobody reads it: who started the platform has ended.
    """
    ready = gateway.ready
    line = {
        "ready": True,
        "tenant_endpoint": f"ws://{HOST}:{ready.port}/agents",
        "operator_api": f"ws://{HOST}:{ready.operator_port}/operator",
        "credentials_file": str(credentials_file(folder)),
        "pid": os.getpid(),
        "folder": str(folder),
        "quota_mechanism": ready.quota_mechanism,
    }
    try:
        print(json.dumps(line), flush=True)
    except BrokenPipeError:
        raise StartFailed("Nobody reads the line that says that the platform is ready.") from None


def require_free_port(port: int) -> None:
    """Refuse a port that somebody else uses, before anything is started.

    Args:
        port: A TCP port of 127.0.0.1; 0 is always free.

    Raises:
        StartFailed: It cannot be used.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StartFailed(f"The port {port} of {HOST} cannot be used: {error.strerror}.") from None
