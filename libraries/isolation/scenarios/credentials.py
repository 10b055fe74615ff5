"""Forged, expired and stolen tokens are tried, each beside a good token of the same user (CS-2)."""

from __future__ import annotations

from isolation.record.credential_trials import CredentialTrialsRecord
from isolation.scenarios.api import Api
from isolation.target.needs import Needs

NEEDS = Needs()
_USERS = 3


def run(api: Api) -> CredentialTrialsRecord:
    """Every way of abuse, for users of three tenants."""
    return api.prober.abuse_credentials(api.make(_USERS))
