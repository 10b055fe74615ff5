"""Forged, expired and stolen tokens are tried, each beside a good token of the same user (CS-2)."""

from __future__ import annotations

from isolation.record.concurrent_startup.credentials import CredentialTrialsRecord
from isolation.scenarios.api import Api
from isolation.target.needs import Needs
from isolation.target.words import RequestKind

NEEDS = Needs(tenants=2)
TIME = Needs(made_tokens=True)
LOGOUT = Needs(requests=(RequestKind.LOGOUT,), made_tokens=True)
_USERS = 3


def run(api: Api) -> CredentialTrialsRecord:
    """Every way of abuse, for users of three tenants."""
    most = api.target.tenants.most
    record = api.prober.abuse_credentials(api.make(min(_USERS, most or _USERS)), api.limits["expired"].value)
    if record.clock_s:
        ahead = f"{abs(record.clock_s):.0f} s {'ahead of' if record.clock_s > 0 else 'behind'} ours"
        api.reduce(f"The platform's clock is {ahead}: times of tokens were made by its clock.")
    return record
