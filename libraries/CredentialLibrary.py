"""Abused credentials: forged, worn-out and stolen tokens, each tried beside its good twin."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from contamination.prober import prober
from isolation.judge.access.credentials import judge_credentials, judge_refusals_alike
from isolation.record.probes import CredentialProbe
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.scenario import scenario

AbuseGroup = Literal["time", "signature", "identity", "key", "logout"]


@library(scope="GLOBAL")
class CredentialLibrary(DynamicCore):
    """Tries tokens that must be refused.

    Each is made from a good token by one change, and the good token is tried in the same way: only the change can be the
    reason for a refusal. No token is ever shown.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])
        self._probes: list[CredentialProbe] = []
        self._expected: dict[str, str] = {}

    @keyword
    def abuse_credentials(self) -> None:
        """Try every way of abuse with tokens of every tenant of the scenario.

        Example:
        | Abuse Credentials |
        """
        run = runs.current()
        assert run.doors is not None
        secret = run.doors.secret(run.target.token.secret)
        found = prober().call("abuse_credentials", list(scenario().tenants), secret, timeout=120.0)
        self._probes, self._expected = found

    @keyword
    def bad_tokens_should_be_refused(self, promise: str, group: AbuseGroup) -> None:
        """Every bad token of a group should have been refused and every good twin accepted.

        Args:
            promise: Id of the promise.
            group: What kind of abuse.

        Example:
        | Bad Tokens Should Be Refused | CS-2 | time |
        """
        probes = [probe for probe in self._probes if probe.group == group]
        expected = [abuse for abuse, of in self._expected.items() if of == group]
        COLLECTOR.decide(judge_credentials(promise, probes, expected))

    @keyword
    def refusals_should_look_alike(self, promise: str) -> None:
        """No refusal should tell the caller what was wrong with its token.

        Args:
            promise: Id of the promise.

        Example:
        | Refusals Should Look Alike | CS-2 |
        """
        COLLECTOR.decide(judge_refusals_alike(promise, self._probes))
