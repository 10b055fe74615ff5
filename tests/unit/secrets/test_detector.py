"""The detector names owner, place and seer; what is at home, public or planted is no finding."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from isolation.judge.data.cross_contamination import judge_harmless_sights, judge_search
from isolation.record import Verdict
from isolation.record.secrets.markers import MAXIMUM_TENANT, MarkerMint, SecretKind
from isolation.record.secrets.pieces import NotReadable
from isolation.record.secrets.searches import Planted
from isolation.scenarios.secrets.detector import ANOTHER_RUN, CrossContaminationDetector, Inspection
from isolation.scenarios.secrets.known_credentials import Person

MINT = MarkerMint("run-1", b"k" * 32)
ANN, BOB, EVE = Person("acme", "ann"), Person("acme", "bob"), Person("other", "eve")
PEOPLE = {(0, 0): ANN, (0, 1): BOB, (1, 0): EVE}
NUMBERS = [number for one in MINT.secrets(list(PEOPLE)) for number in one.numbers]
ANNS, CONTROL = MINT.mint(0, 0, SecretKind.API_KEY), MINT.mint(MAXIMUM_TENANT, 0)


@pytest.fixture
def detector() -> CrossContaminationDetector:
    return CrossContaminationDetector(MINT, PEOPLE, NUMBERS)


def seen_by(detector: CrossContaminationDetector, *seers: Person, text: str = f"a {ANNS} b") -> Inspection:
    detector.look("rows", "rows of x", seers, text.encode(), 1.0)
    return detector.inspection("rows")


def test_a_foreign_secret_names_owner_place_and_seer_and_hides_itself(detector: CrossContaminationDetector) -> None:
    (finding,) = seen_by(detector, EVE).findings
    assert (finding.owner_tenant, finding.owner_user) == ("acme", "ann")
    assert (finding.seen_by_tenant, finding.seen_by_user, finding.place) == ("other", "eve", "rows of x")
    assert ANNS not in finding.excerpt and "8888…" in finding.excerpt and finding.foreign


def test_the_own_secret_at_home_is_counted_and_no_finding(detector: CrossContaminationDetector) -> None:
    seen = seen_by(detector, ANN)
    assert not seen.findings and seen.own[ANN] == 1 and seen.own_encodings["plain"] == 1


def test_the_tenant_as_a_whole_may_see_the_secrets_of_its_users(detector: CrossContaminationDetector) -> None:
    assert not seen_by(detector, Person("acme")).findings


def test_another_user_of_the_same_tenant_is_a_stranger(detector: CrossContaminationDetector) -> None:
    assert [f.seen_by_user for f in seen_by(detector, BOB).findings] == ["bob"]


def test_a_place_that_names_nobody_is_seen_by_everybody(detector: CrossContaminationDetector) -> None:
    assert [f.seen_by_tenant for f in seen_by(detector).findings] == [""]


def test_a_place_that_names_two_is_a_finding_for_the_stranger_only(detector: CrossContaminationDetector) -> None:
    assert [f.seen_by_user for f in seen_by(detector, ANN, EVE).findings] == ["eve"]


def test_a_control_is_counted_and_no_finding(detector: CrossContaminationDetector) -> None:
    seen = seen_by(detector, EVE, text=CONTROL)
    assert seen.controls == 1 and not seen.findings and not seen.own


def test_a_foreign_number_is_found(detector: CrossContaminationDetector) -> None:
    assert [f.owner_user for f in seen_by(detector, EVE, text=json.dumps({"budget": NUMBERS[0].value})).findings] == [
        "ann"
    ]


def test_a_secret_of_another_run_is_residue_in_a_shared_place_and_a_finding_at_somebodys(
    detector: CrossContaminationDetector,
) -> None:
    old = MarkerMint("run-0", b"o" * 32).mint(0, 0)
    assert seen_by(detector, text=old).residue == 1
    assert [f.owner_tenant for f in seen_by(detector, EVE, text=old).findings] == [ANOTHER_RUN]


@pytest.mark.parametrize(
    "hidden",
    [
        base64.b64encode(b"x" + ANNS.encode()).decode(),
        base64.b64encode(gzip.compress(ANNS.encode())).decode(),
        ANNS.upper(),
        ANNS[::-1],
        ANNS.encode().hex(),
    ],
)
def test_an_encoded_secret_is_found(detector: CrossContaminationDetector, hidden: str) -> None:
    assert seen_by(detector, EVE, text=json.dumps({"context": hidden})).findings


def test_a_secret_split_over_two_frames_is_found(detector: CrossContaminationDetector) -> None:
    watch = detector.stream("frames", "a frame of eve", (EVE,))
    for half in (ANNS[:20], ANNS[20:]):
        watch.feed(json.dumps({"context": half}).encode(), 1.0)
    watch.finish(2.0)
    seen = detector.inspection("frames")
    assert seen.probes == 2 and any("split" in finding.encoding for finding in seen.findings)


HOME = Planted(owners=("acme",))


def test_nothing_found_passes_only_with_a_control_and_without_gaps(detector: CrossContaminationDetector) -> None:
    seen = seen_by(detector, ANN)
    assert judge_search("CS-2", seen.search("rows", HOME)).verdict is Verdict.PASS
    for lacking in (Planted(), Planted(controls=1), Planted(owners=("acme", "other")), Planted(places_without=("x",))):
        assert judge_search("CS-2", seen.search("rows", lacking)).verdict is Verdict.INCONCLUSIVE
    gap = judge_search("CS-2", seen.search("rows", HOME, [NotReadable("memory of 7", "permission denied")]))
    assert gap.verdict is Verdict.INCONCLUSIVE and "memory of 7 (permission denied)" in gap.reason
    seen.undecoded_bytes = 9
    assert judge_search("CS-2", seen.search("rows", HOME)).verdict is Verdict.INCONCLUSIVE


def test_a_finding_fails_whatever_was_not_readable(detector: CrossContaminationDetector) -> None:
    found = judge_search("CS-2", seen_by(detector, EVE).search("rows", Planted(), [NotReadable("x", "y")]))
    assert found.verdict is Verdict.FAIL and found.tenants == ("acme", "other")


def test_nothing_looked_at_never_passes_also_when_only_the_own_control_was_there() -> None:
    only_control = Inspection(probes=1, controls=1)
    for kind, verdict in (("rows", Verdict.INCONCLUSIVE), ("frames", Verdict.FAIL)):
        assert judge_search("CS-2", Inspection().search(kind, Planted())).verdict is verdict
        assert judge_search("CS-2", only_control.search(kind, Planted(controls=1), own_probes=1)).verdict is verdict


def test_harmless_sights_pass_only_when_all_of_them_were_seen(detector: CrossContaminationDetector) -> None:
    seen_by(detector, ANN)
    seen = seen_by(detector, ANN, text=CONTROL).search("rows", Planted(controls=1))
    assert judge_harmless_sights("CS-2", seen, encodings=1, announced_to=1).verdict is Verdict.PASS
    assert judge_harmless_sights("CS-2", seen, encodings=2, announced_to=1).verdict is Verdict.INCONCLUSIVE
    assert judge_harmless_sights("CS-2", seen, encodings=1, announced_to=2).verdict is Verdict.INCONCLUSIVE


def test_an_alarm_over_a_harmless_sight_fails(detector: CrossContaminationDetector) -> None:
    seen = seen_by(detector, EVE).search("rows", Planted())
    found = judge_harmless_sights("CS-2", seen, encodings=0, announced_to=0)
    assert found.verdict is Verdict.FAIL and "'acme'" in found.reason
