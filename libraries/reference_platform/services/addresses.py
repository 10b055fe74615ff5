"""Where the stores are and how their operator logs in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from urllib.parse import quote, urlencode

from reference_platform.services.errors import ServiceError


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """The stores of one platform, with the credentials of their operator.

    The passwords do not show in ``repr``. Between processes the addresses travel by ``to_secret_json`` through a pipe
    or a file of mode 0600, never on a command line and never in the environment.

    Attributes:
        postgres_host: Host of PostgreSQL, or the folder of its socket.
        postgres_port: Its port; with a socket, the number in the socket's name.
        postgres_database: The database that the platform may fill and empty.
        postgres_admin_user: A superuser; the platform uses it for roles and schema only, never for tenants' data.
        redis_host: Host of Redis or Valkey; empty with a socket.
        redis_port: TCP port of Redis or Valkey.
        redis_admin_user: A user that may manage ACL users.
        redis_database: Number of the Redis database.
        own_servers: Whether the platform started them itself, so that it may change the rights of the whole server.
        clickhouse_path: Folder of the embedded analytics store, or None when there is none.
        clickhouse_url: Address of an external ClickHouse, which wins over the folder.
        postgres_options: How the connection is encrypted, in libpq's words, such as ``sslmode`` and ``sslrootcert``.
        redis_options: The same for Redis, in the words of redis-py, such as ``ssl_ca_certs``.
        redis_tls: Whether Redis is reached over TLS.
        redis_socket: Path of the socket of Redis, or empty.
        needs_mark: Whether the database's name does not say that it is for tests, so that a mark in it has to.
    """

    postgres_host: str
    postgres_port: int
    postgres_database: str
    postgres_admin_user: str
    postgres_admin_password: str = field(repr=False)
    redis_host: str
    redis_port: int
    redis_admin_user: str
    redis_admin_password: str = field(repr=False)
    redis_database: int = 0
    own_servers: bool = False
    clickhouse_path: str | None = None
    clickhouse_url: str | None = field(default=None, repr=False)
    postgres_options: dict[str, str] = field(default_factory=dict)
    redis_options: dict[str, str] = field(default_factory=dict)
    redis_tls: bool = False
    redis_socket: str = ""
    needs_mark: bool = False

    @property
    def postgres_dsn(self) -> str:
        """The address of PostgreSQL without credentials."""
        return self._postgres("")

    @property
    def postgres_url(self) -> str:
        """The address of PostgreSQL with the operator's credentials: a secret."""
        return self._postgres(_login(self.postgres_admin_user, self.postgres_admin_password))

    @property
    def redis_url(self) -> str:
        """The address of Redis with the operator's credentials: a secret."""
        login = _login(self.redis_admin_user, self.redis_admin_password)
        if self.redis_socket:
            return f"unix://{login}{quote(self.redis_socket)}?{urlencode({'db': self.redis_database})}"
        options = f"?{urlencode(self.redis_options)}" if self.redis_options else ""
        scheme = "rediss" if self.redis_tls else "redis"
        return f"{scheme}://{login}{_host(self.redis_host)}:{self.redis_port}/{self.redis_database}{options}"

    @property
    def postgres_place(self) -> str:
        """Where PostgreSQL is, for messages."""
        return f"{self.postgres_host}:{self.postgres_port}/{self.postgres_database}"

    @property
    def redis_place(self) -> str:
        """Where Redis is, for messages."""
        return self.redis_socket or f"{self.redis_host}:{self.redis_port}"

    def to_secret_json(self) -> str:
        """Everything, passwords included, for a pipe or a private file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_secret_json(cls, text: str) -> ServiceAddresses:
        """Read what ``to_secret_json`` wrote.

        Raises:
            ServiceError: When the text is nothing of that kind; it is not repeated, because it may hold passwords.
        """
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            raise ServiceError(
                "The addresses of the stores cannot be read: to_secret_json did not write this"
            ) from None

    def _postgres(self, login: str) -> str:
        name, options = quote(self.postgres_database), dict(self.postgres_options)
        if self.postgres_host.startswith("/"):
            options |= {"host": self.postgres_host, "port": str(self.postgres_port)}
            return f"postgresql://{login}/{name}?{urlencode(options)}"
        query = f"?{urlencode(options)}" if options else ""
        return f"postgresql://{login}{_host(self.postgres_host)}:{self.postgres_port}/{name}{query}"


def _login(user: str, password: str) -> str:
    return f"{quote(user, safe='')}:{quote(password, safe='')}@"


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
