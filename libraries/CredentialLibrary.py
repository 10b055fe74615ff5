"""Abused credentials: forged, expired and stolen tokens, each tried beside its good twin."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library

from isolation.judge.access import credentials as judges
from isolation.scenarios.concurrent_startup import credentials
from robot_support.experiment import ExperimentLibrary

AbuseGroup = Literal["time", "signature", "identity", "key", "logout"]


@library(scope="SUITE")
class CredentialLibrary(ExperimentLibrary):
    """Tries tokens that must be refused.

    Each is made from a good token by one change, and the good token is tried in the same way: only the change can be the
    reason for a refusal. No token is ever shown.
    """

    @keyword
    def record_credential_trials(self) -> None:
        """Every way of abuse, with tokens of users of three tenants.

        Example:
        | Record Credential Trials |
        """
        self.experiment(credentials.run, credentials.NEEDS)

    @keyword
    def bad_tokens_should_be_refused(self, group: AbuseGroup) -> None:
        """Every bad token of a group was refused, and every good one beside it accepted.

        Example:
        | Bad Tokens Should Be Refused | time |
        """
        needs = {"time": credentials.TIME, "logout": credentials.LOGOUT}.get(group)
        self.claim(judges.judge_bad_tokens, needs=needs, group=group)

    @keyword
    def refusals_should_look_alike(self) -> None:
        """No refusal told the caller what was wrong with the token.

        Example:
        | Refusals Should Look Alike |
        """
        self.claim(judges.judge_reason_hidden)
