"""Where the stores are and how their operator logs in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from urllib.parse import quote

from reference_platform.services.errors import ServiceError


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """The stores of one platform, with the credentials of their operator.

    The passwords do not show in ``repr``. Between processes the addresses travel by ``to_secret_json`` through a pipe
    or a file of mode 0600, never on a command line and never in the environment.

    Attributes:
        postgres_host: Host of PostgreSQL.
        postgres_port: TCP port of PostgreSQL.
        postgres_database: The database that the platform may fill and empty.
        postgres_admin_user: A superuser; the platform uses it for roles and schema only, never for tenants' data.
        postgres_admin_password: Its password.
        redis_host: Host of Redis or Valkey.
        redis_port: TCP port of Redis or Valkey.
        redis_admin_user: A user that may manage ACL users.
        redis_admin_password: Its password.
        redis_database: Number of the Redis database.
        clickhouse_path: Folder of the embedded analytics store, or None when there is none.
        own_servers: Whether the platform started them itself, so that it may change the rights of the whole server.
        clickhouse_url: Address of an external ClickHouse, which wins over the folder.
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

    @property
    def postgres_url(self) -> str:
        """The address of PostgreSQL with the operator's credentials: a secret."""
        login = f"{quote(self.postgres_admin_user, safe='')}:{quote(self.postgres_admin_password, safe='')}"
        return f"postgresql://{login}@{_host(self.postgres_host)}:{self.postgres_port}/{quote(self.postgres_database)}"

    @property
    def redis_url(self) -> str:
        """The address of Redis with the operator's credentials: a secret."""
        login = f"{quote(self.redis_admin_user, safe='')}:{quote(self.redis_admin_password, safe='')}"
        return f"redis://{login}@{_host(self.redis_host)}:{self.redis_port}/{self.redis_database}"

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


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
