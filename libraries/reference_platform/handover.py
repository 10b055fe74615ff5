"""What supervisor and gateway tell each other: everything it needs at its start, and that it is ready.

The supervisor writes one line to the gateway's standard input (it holds secrets, so it is in no argument, environment or
file); the gateway answers with one line on its standard output when both endpoints are open.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.settings import PlatformSettings

RESTART_EXIT_CODE = 75
"""The gateway ends with this code when the operator asked for a restart: it is started again at the same ports."""
LEFT_BEHIND = "Left in the given stores:"
"""How the gateway's last sentence begins when it could not remove everything from stores that are not its own."""
START_FAILED_EXIT_CODE = 2
"""The gateway ends with this code, and one sentence on standard error, when it cannot start."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What the gateway needs.

    Attributes:
        settings: The platform's settings; ``folder`` is set, and after a restart the ports are.
        addresses: Where the stores are.
        jwt_secret: Key of the tenants' tokens.
        operator_credential: What an operator shows at the operator API.
        log_folder: Where log files go.
        processes: Process ids of the platform outside the gateway, by role.
        run: Name of this run of the platform (hexadecimal digits), the same after a restart of the gateway.
    """

    settings: PlatformSettings
    addresses: ServiceAddresses
    jwt_secret: str = field(repr=False)
    operator_credential: str = field(repr=False)
    log_folder: Path
    processes: dict[str, int]
    run: str = "0"

    def to_secret_line(self) -> str:
        """Everything, secrets included, as one line of JSON without its line feed."""
        return json.dumps(
            {
                "settings": self.settings.model_dump(mode="json"),
                "addresses": self.addresses.to_secret_json(),
                "jwt_secret": self.jwt_secret,
                "operator_credential": self.operator_credential,
                "log_folder": str(self.log_folder),
                "processes": self.processes,
                "run": self.run,
            }
        )

    @classmethod
    def from_secret_line(cls, line: str) -> Handover:
        """Read what ``to_secret_line`` made.

        Raises:
            ValueError: The line is something else.
            KeyError: Something is missing in it.
        """
        values = json.loads(line)
        return cls(
            settings=PlatformSettings.model_validate(values["settings"]),
            addresses=ServiceAddresses.from_secret_json(values["addresses"]),
            jwt_secret=values["jwt_secret"],
            operator_credential=values["operator_credential"],
            log_folder=Path(values["log_folder"]),
            processes=values["processes"],
            run=values["run"],
        )


@dataclass(frozen=True, slots=True)
class Ready:
    """What the gateway says when both endpoints are open.

    Attributes:
        port: TCP port of the tenant endpoint.
        operator_port: TCP port of the operator API.
        quota_mechanism: How quotas are enforced, one sentence.
    """

    port: int
    operator_port: int
    quota_mechanism: str

    def to_line(self) -> str:
        """One line of JSON without its line feed."""
        return json.dumps(asdict(self))

    @classmethod
    def from_line(cls, line: str) -> Ready:
        """Read what ``to_line`` made.

        Raises:
            ValueError: The line is something else.
            TypeError: Its fields do not fit.
        """
        return cls(**json.loads(line))
