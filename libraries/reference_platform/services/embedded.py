"""PostgreSQL and Valkey for one platform, in a private folder, gone when the platform is gone."""

from __future__ import annotations

import errno
import secrets
import tempfile
from pathlib import Path
from types import TracebackType

import asyncpg

from reference_platform.services import postgres, valkey
from reference_platform.services.addresses import ServiceAddresses
from reference_platform.services.connecting import postgres_login, run_apart
from reference_platform.services.errors import ServiceError
from reference_platform.services.identity import Identity, ServerIdentities, server_identities
from reference_platform.services.private_folder.claims import settle_claims_of_the_dead
from reference_platform.services.private_folder.folder import PrivateFolder, passable, sweep
from reference_platform.services.private_folder.guardian import Guardian
from reference_platform.services.private_folder.space import require_space

_DATABASE = "platform_test"


class EmbeddedServices:
    """Starts the stores, knows their addresses, stops them and leaves nothing behind.

    Several can run side by side. They end with the process that started them, also when that is killed: the kernel
    signals the servers, and a guardian process removes the folder. What a power failure leaves is swept at the next
    start.
    """

    def __init__(
        self, postgres_port: int | None = None, redis_port: int | None = None, parent: Path | None = None
    ) -> None:
        """Describe what to start.

        Args:
            postgres_port: TCP port on 127.0.0.1, or None for a free one.
            redis_port: TCP port on 127.0.0.1, or None for a free one.
            parent: Where the private folder is made, or None for the system's temporary folder.
        """
        self._ports = (postgres_port, redis_port)
        self._parent = parent
        self._folder: PrivateFolder | None = None
        self._guardian: Guardian | None = None
        self._postgres: postgres.RunningPostgres | None = None
        self._valkey: valkey.RunningValkey | None = None
        self._addresses: ServiceAddresses | None = None
        self._swept: list[Path] = []

    @property
    def folder(self) -> Path:
        """The private folder; logs and other files of the platform may be put there."""
        if self._folder is None:
            raise ServiceError("The stores are not running")
        return self._folder.path

    @property
    def addresses(self) -> ServiceAddresses:
        """Where the stores are."""
        if self._addresses is None:
            raise ServiceError("The stores are not running")
        return self._addresses

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by role: ``postgresql``, ``redis``, ``guardian``; only those that were started."""
        found = {
            "postgresql": self._postgres.server.pid if self._postgres else None,
            "redis": self._valkey.server.pid if self._valkey else None,
            "guardian": self._guardian.pid if self._guardian else None,
        }
        return {role: pid for role, pid in found.items() if pid is not None}

    @property
    def swept(self) -> list[Path]:
        """What the start removed of dead owners: folders, and notes about shared memory."""
        return list(self._swept)

    def start(self) -> ServiceAddresses:
        """Start both stores and wait until they accept connections. Has to be called on the main thread.

        Raises:
            ServiceError: One sentence that says why it did not work; nothing is left behind then.
        """
        if self._folder is not None:
            raise ServiceError("The stores are running already")
        identities = server_identities()
        parent = self._parent or _temporary_folder(identities.postgres)
        self._swept = sweep(parent) + settle_claims_of_the_dead(parent)
        guest_group = identities.postgres.group if identities.postgres.dropped else None
        self._folder = PrivateFolder.create(parent, guest_group)
        try:
            require_space(parent)
            self._guardian = Guardian(self._folder.path)
            self._addresses = self._start_servers(self._folder.path, identities)
        except OSError as error:
            self.stop()
            if error.errno == errno.ENOSPC:
                raise ServiceError(f"There is no space left in {parent}: set TMPDIR to another folder") from None
            raise
        except BaseException:
            self.stop()
            raise
        return self._addresses

    def stop(self) -> None:
        """End both stores and remove the folder. May be called any number of times."""
        if self._valkey is not None:
            self._valkey.stop()
        if self._postgres is not None:
            self._postgres.stop()
        if self._folder is not None:
            self._folder.remove()
        if self._guardian is not None:
            self._guardian.dismiss()
        self._valkey = self._postgres = self._folder = self._guardian = self._addresses = None

    def __enter__(self) -> EmbeddedServices:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _start_servers(self, folder: Path, identities: ServerIdentities) -> ServiceAddresses:
        postgres_password, redis_password = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._valkey = valkey.start_valkey(folder, identities.valkey, redis_password, self._ports[1])
        self._postgres = postgres.start_postgres(
            folder, identities.postgres, identities.maker, postgres_password, self._ports[0]
        )
        (folder / "clickhouse").mkdir(mode=0o700)
        addresses = ServiceAddresses(
            postgres_host="127.0.0.1",
            postgres_port=self._postgres.port,
            postgres_database=_DATABASE,
            postgres_admin_user=postgres.ADMIN_USER,
            postgres_admin_password=postgres_password,
            redis_host="127.0.0.1",
            redis_port=self._valkey.port,
            redis_admin_user=valkey.ADMIN_USER,
            redis_admin_password=redis_password,
            own_servers=True,
            postgres_options=postgres.UNENCRYPTED,
            clickhouse_path=str(folder / "clickhouse"),
        )
        run_apart(_create_database(addresses))
        return addresses


async def _create_database(addresses: ServiceAddresses) -> None:
    """Make the platform's database and close the others to everybody but the administrator."""
    server = postgres.own_server(addresses.postgres_port, "postgres")
    connection = await asyncpg.connect(
        **postgres_login(server, addresses.postgres_admin_user, addresses.postgres_admin_password)
    )
    try:
        await connection.execute(f'CREATE DATABASE "{addresses.postgres_database}"')
        await connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await connection.close()


def _temporary_folder(identity: Identity) -> Path:
    """The first temporary folder that the servers' user can reach."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    for candidate in candidates:
        if candidate.is_dir() and (not identity.dropped or passable(candidate, identity.user, identity.group)):
            return candidate
    raise ServiceError(
        f"PostgreSQL does not run as root, and another user can reach none of {', '.join(map(str, candidates))}: "
        "start this as an ordinary user or set TMPDIR to a folder that others may enter"
    )
