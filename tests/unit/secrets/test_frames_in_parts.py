"""Frames that are searched in parts, each where it was received, say the same as all of them together."""

from __future__ import annotations

import pickle

import pytest

from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Direction, Frame
from isolation.record.secrets.markers import SecretKind
from isolation.scenarios.secrets import detector
from isolation.scenarios.secrets.detector import Inspection
from isolation.scenarios.secrets.run_secrets import RunSecrets
from isolation.scenarios.secrets.searching import FrameSearch, search_frames

USERS = [TenantAgent(f"tenant-{n}", f"run-t{n:04d}", f"run-u{n:04d}", "standard") for n in range(4)]


@pytest.fixture
def secrets() -> RunSecrets:
    made = RunSecrets("run")
    made.plant(USERS)
    return made


def frame(secrets: RunSecrets, receiver: TenantAgent, owner: TenantAgent, at: float) -> Frame:
    text = secrets.of(owner).markers[SecretKind.API_KEY]
    return Frame(at, receiver.name, receiver.user_id, receiver.name, Direction.RECEIVED, "message", text.encode())


def test_parts_say_the_same_as_the_whole(secrets: RunSecrets) -> None:
    own = [frame(secrets, user, user, float(number)) for number, user in enumerate(USERS)]
    frames = [*own, frame(secrets, USERS[1], USERS[2], 9.0)]
    search = pickle.loads(pickle.dumps(FrameSearch(secrets)))
    names = {USERS[0].name, USERS[1].name}
    parts = [search([f for f in frames if f.session in names]), search([f for f in frames if f.session not in names])]
    parts = pickle.loads(pickle.dumps(parts))
    together, whole = search.search(parts), search_frames(secrets, frames)
    assert together == whole
    assert together.probes == 5 and len(together.own) == 4
    (finding,) = together.findings
    assert (finding.owner_tenant, finding.seen_by_tenant) == ("tenant-2", "tenant-1")


def test_too_many_findings_of_all_parts_are_counted(secrets: RunSecrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "MOST_FINDINGS", 3)
    search = FrameSearch(secrets)
    parts = [search([frame(secrets, USERS[0], USERS[1], float(n)) for n in range(2)]) for _ in range(2)]
    seen = Inspection()
    for part in parts:
        seen.add(part.seen)
    assert (len(seen.findings), seen.more_findings, seen.probes) == (3, 1, 4)
