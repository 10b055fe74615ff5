"""The stores of one platform and the private folder in which it lives: started here, or given by the environment."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reference_platform.services import EmbeddedServices, ServiceAddresses, external_addresses
from reference_platform.services.private_folder.folder import PrivateFolder, sweep
from reference_platform.services.private_folder.guardian import Guardian


@dataclass(frozen=True, slots=True)
class Stores:
    """Where everything is.

    Attributes:
        folder: The platform's private folder.
        addresses: Where the stores are.
        processes: Process ids of what was started, by role.
        server_logs: Log files of stores that were started here.
    """

    folder: Path
    addresses: ServiceAddresses
    processes: dict[str, int]
    server_logs: list[Path]


@contextlib.contextmanager
def open_stores(environment: Mapping[str, str]) -> Iterator[Stores]:
    """Start the stores, or use those that the environment names; leave nothing behind.

    Call it on the main thread: what is started ends with the thread that started it.

    Args:
        environment: Usually ``os.environ``.

    Raises:
        ServiceError: One sentence that says why there are no stores.
    """
    given = external_addresses(environment)
    if given is not None:
        with _private_folder() as (folder, guardian):
            yield Stores(folder, given, {"guardian": guardian}, [])
        return
    with EmbeddedServices() as services:
        logs = sorted(services.folder.glob("*.log"))
        yield Stores(services.folder, services.addresses, services.pids, logs)


@contextlib.contextmanager
def _private_folder() -> Iterator[tuple[Path, int]]:
    """A private folder, removed at the end, also when this process is killed."""
    parent = Path(tempfile.gettempdir())
    sweep(parent)
    folder = PrivateFolder.create(parent)
    guardian = Guardian(folder.path)
    try:
        yield folder.path, guardian.pid
    finally:
        folder.remove()
        guardian.dismiss()
