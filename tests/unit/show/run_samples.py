"""Made-up runs: good, mixed and bad, over a catalogue like the real one."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record import Comparison, Environment, Interval, Limit, Measurement, Verdict
from isolation.settings.catalogue import Catalogue, Headline, Promise
from isolation.show.evidence import CaseEvidence, CaseStatus, CleanUp, Evidence, Identity, Overhead


def SamplePromise(
    id: str,
    title: str,
    statement: str = "What is promised, in one sentence.",
    metric: str = "",
    controls: tuple[str, ...] = (),
) -> Promise:
    headline = Headline(metric=(metric,)) if metric else None
    return Promise(
        id=id, title=title, statement=statement, headline=headline, controls=controls, method="By measuring it."
    )


ENVIRONMENT = Environment(
    cores=2, memory_bytes=25_200_000_000, kernel="Linux 6.18.4", python="3.11.9", cgroup_mode="v1",
    cgroup_placement="/docker/suite", autogroup=True,
    quota_mechanism="cgroup v1 for processor and memory; storage input/output is only watched, not limited",
    memory_kind="PSS", user="root", target="reference platform", profile="full", run_id="iso-20261121-0915-4f2a",
    started="2026-11-21T09:15:04+00:00",
)  # fmt: skip

IDENTITY = Identity(
    suite_version="1.0.0", commit="200c39041eaeb3b68dea0c531cf512ab57450c20", changed=False, hashes={"suites": "ab" * 32},
    platform_build="reference platform 1.0.0", packages={"python": "3.11.9"}, host="bench-1",
    command_line="robot -d results suites/", user="tester",
)  # fmt: skip

CATALOGUE = (
    SamplePromise(
        "RI-1", "Monitoring baseline", "Ten agents stay within idle and working budgets, each measured on its own."
    ),
    SamplePromise(
        "RI-2",
        "Quota enforcement",
        "No tenant uses more than its quota of processor and memory, and its neighbours do not notice.",
    ),
    SamplePromise(
        "RI-3",
        "Leak detection and prevention",
        "Leaks and runaways are named, stopped and cleaned up in time; healthy tenants are never flagged.",
    ),
    SamplePromise(
        "RI-4",
        "Performance isolation under load",
        "One tenant's heavy work slows the others down by less than 10 %.",
        "slowdown of the worst victim*",
        ("CWE-400", "SC-6"),
    ),
    SamplePromise(
        "RI-5",
        "Noisy-neighbour mitigation",
        "Noise is identified within 30 s, mitigated within 60 s and over within 2 min.",
    ),
    SamplePromise("RI-6", "Concurrent stress", "50 tenants get their fair share up to saturation."),
    SamplePromise("RI-7", "Recovery and clean-up", "Nothing is left of crashed agents after 30 s."),
    SamplePromise("CS-1", "Start-up isolation", "100 users start at once, each in its own agent with its own context."),
    SamplePromise(
        "CS-2",
        "Cross-contamination detection",
        "No tenant ever receives or can reach another tenant's secret.",
        "foreign secrets*",
        ("CWE-639", "SC-4", "CC6.1"),
    ),
    SamplePromise("CS-3", "Performance under load", "Every phase of a start stays inside its time."),
    SamplePromise("AR-1", "Per-user registries are isolated", "A user's registry holds that user's agents only."),
    SamplePromise("AR-11", "Events reach only their user", "Exactly once and in order."),
    SamplePromise("OP-3", "The suite cleans up after itself", "Nothing is left in any store."),
)


SAMPLE_CATALOGUE = Catalogue(list(CATALOGUE))


def limit(
    value: float, unit: str = "", comparison: Comparison = Comparison.AT_MOST, source: str = "document 001"
) -> Limit:
    return Limit(value=value, unit=unit, comparison=comparison, source=source)


def measured(promise: str, metric: str, value: float | None, held: Limit | None, **more: object) -> Measurement:
    """A measurement whose verdict follows from its limit, unless ``verdict`` says otherwise."""
    kept = value is not None and (held is None or held.comparison.holds(value, held.value))
    fields: dict[str, object] = {
        "promise": promise, "metric": metric, "value": value, "limit": held, "samples": 412,
        "unit": held.unit if held else "", "verdict": Verdict.PASS if kept else Verdict.FAIL,
        "reason": f"The {metric} was {value}; the limit is {held}.",
    }  # fmt: skip
    return Measurement.model_validate(fields | more)


@dataclass
class Cases:
    """Builds cases with increasing ids."""

    made: list[CaseEvidence] = field(default_factory=list)

    def add(
        self,
        name: str,
        *measurements: Measurement,
        promises: tuple[str, ...] = (),
        status: str = "PASS",
        message: str = "",
    ) -> None:
        named = promises or tuple(dict.fromkeys(m.promise for m in measurements))
        unseen = status == "NOT EXAMINED"
        self.made.append(
            CaseEvidence(id=f"s1-s1-t{len(self.made) + 1}", name=name, promises=named, status=CaseStatus("SKIP" if unseen else status),
                         message=message, not_examined=message if unseen else "", seconds=12.5, measurements=measurements)
        )  # fmt: skip


def good_cases() -> Cases:
    cases = Cases()
    below, exactly, at_least = Comparison.BELOW, Comparison.EXACTLY, Comparison.AT_LEAST
    cases.add("Ten agents at rest stay within their budgets", measured("RI-1", "idle processor use (worst agent)", 0.41, limit(5, "%", below)),
              measured("RI-1", "idle memory (worst agent)", 24.2, limit(256, "MB", below)))  # fmt: skip
    cases.add("A tenant cannot exceed its processor quota", measured("RI-2", "usage over any 5 s window", 50.4, limit(52.5, "%")),
              measured("RI-2", "burner without a quota", 98.2, limit(52.5, "%", Comparison.ABOVE), control=True,
                       reason="The same burner without a quota used 98.2 %, more than the quota: the check can fail."))  # fmt: skip
    cases.add("A memory leak of 50 MB a minute is named in time", measured("RI-3", "time until the leak was named", 33.1, limit(60, "s"), samples=5),
              measured("RI-3", "healthy tenants flagged", 0, limit(0, "", exactly), samples=40))  # fmt: skip
    cases.add("A heavy neighbour does not slow the others down", measured(
        "RI-4", "slowdown of the worst victim (mean)", 1.047, limit(1.1, "", below), samples=4120,
        interval=Interval(low=1.02, high=1.081, confidence=0.9)),
        measured("RI-4", "quiet against quiet", 1.004, limit(1.1, "", below), control=True, reason="Two quiet blocks do not differ."),
        measured("RI-4", "injected delay of 20 %", 1.204, limit(1.1, "", Comparison.ABOVE), control=True, reason="The judge rejected a delay that the suite itself had injected."))  # fmt: skip
    cases.add(
        "A tenant that never stops calculating does not slow down its neighbours",
        measured("RI-5", "time until contained", 4.4, limit(60, "s"), samples=4),
    )
    cases.add("Fifty tenants get their fair share", measured("RI-6", "Jain's index", 0.987, limit(0.95, "", at_least), samples=50),
              measured("RI-6", "answered", 99.96, limit(95, "%", at_least), samples=12_400))  # fmt: skip
    cases.add(
        "Nothing is left of crashed agents",
        measured("RI-7", "residue after 30 s", 0, limit(0, "", exactly), samples=25),
    )
    cases.add(
        "100 users start at once",
        measured("CS-1", "successful starts", 100, limit(95, "%", at_least, "document 004"), samples=100),
    )
    cases.add("No secret is found where it must not be", measured("CS-2", "foreign secrets found", 0, limit(0, "", exactly, "document 004"), samples=184_200,
              reason="0 of 184,200 probes; true rate below 0.0016 % (95 %)."),
              measured("CS-2", "planted secret found by the same scan", 1, limit(1, "", exactly, "method"), samples=1, control=True, reason="The scan found the planted marker."))  # fmt: skip
    cases.add(
        "Every phase of a start is fast",
        measured("CS-3", "total start (P95)", 1.998, limit(2, "s", below, "document 004"), samples=400),
    )
    cases.add(
        "A user's registry holds only that user's agents",
        measured("AR-1", "foreign agents seen", 0, limit(0, "", exactly, "document 003"), samples=1800),
    )
    cases.add(
        "Events reach only their user",
        measured("AR-11", "misrouted events", 0, limit(0, "", exactly, "document 003"), samples=5200),
    )
    cases.add(
        "The suite leaves nothing behind",
        measured("OP-3", "residue", 0, limit(0, "", exactly, "document 001"), samples=5),
    )
    return cases


def run(cases: Cases, **more: object) -> Evidence:
    fields: dict[str, object] = {
        "environment": ENVIRONMENT, "identity": IDENTITY, "cases": tuple(cases.made), "seconds": 742.0, "clean_up": CleanUp(residue=0),
        "overhead": Overhead(cpu_percent=0.34, limit_percent=2, tenants=50, source="OP-1"),
        "settings": {
            "CONCURRENT_TEST_USERS": "100 (profile full)", "quota.cpu": "50 % of one core (document 001)",
            "TEST_DATABASE_URL": "postgresql://tester:hunter2@127.0.0.1:5432/isolation_test (environment)",
            "token_secret": "correct-horse-battery",
        },
        "caveats": ("The 15-minute window of RI-4 was shortened to 2 minutes in this profile.",),
    }  # fmt: skip
    return Evidence.model_validate(fields | more)


def good_run() -> Evidence:
    return run(good_cases())


def mixed_run() -> Evidence:
    """Nothing is broken; some things are undecided, absent or not run."""
    cases = good_cases()
    cases.made = [c for c in cases.made if not {"RI-7", "CS-3", "RI-4"} & set(c.promises)]
    cases.add("A heavy neighbour does not slow the others down", measured(
        "RI-4", "slowdown of the worst victim (mean)", 1.081, limit(1.1, "", Comparison.BELOW), verdict=Verdict.INCONCLUSIVE,
        interval=Interval(low=1.02, high=1.14, confidence=0.9), reason="The slowdown lies between 1.02 and 1.14: more pairs of blocks are needed to decide against 1.1."),
        status="FAIL", message="INCONCLUSIVE: more pairs are needed.")  # fmt: skip
    cases.add(
        "Starts are fast in the analytics store",
        promises=("CS-3",),
        status="SKIP",
        message="NOT APPLICABLE: the target does not declare an analytics store.",
    )
    cases.add(
        "Fifty tenants for fifteen minutes", promises=("RI-6",), status="SKIP", message="only in the soak profile"
    )
    return run(cases, clean_up=CleanUp())


def bad_run() -> Evidence:
    cases = mixed_run()
    more = Cases(list(cases.cases))
    more.add("No secret is found in the cache", measured("CS-2", "foreign secrets found", 7, limit(0, "", Comparison.EXACTLY, "document 004"), samples=18_400,
             reason="Tenant 'acme-05' received 7 markers of tenant 'acme-09' from Redis; the limit is 0. See evidence CS-2.", tenants=("acme-05",)), status="FAIL")  # fmt: skip
    more.add(
        "A tenant cannot exceed its memory quota",
        promises=("RI-2",),
        status="FAIL",
        message="The operator's door closed: ConnectionRefusedError",
    )
    hostile = "<script>alert('x')</script> & \"quoted\" \u202egnp.exe"
    more.add(
        hostile,
        measured("AR-1", hostile, 3, limit(0, "", Comparison.EXACTLY, hostile), reason=hostile, tenants=(hostile,)),
        status="FAIL",
        message=hostile,
    )
    overhead = Overhead(cpu_percent=3.1, limit_percent=2, tenants=50, source="OP-1")
    return run(more, clean_up=CleanUp(residue=3, remaining=("2 Redis keys", "1 temporary file")), overhead=overhead)


def dead_run() -> Evidence:
    cases = Cases()
    cases.add("100 users start at once", measured("CS-1", "successful starts", None, limit(95, "%", Comparison.AT_LEAST), samples=0, verdict=Verdict.FAIL,
              reason="100 of 100 connected, 0 of 100 answered."), status="FAIL")  # fmt: skip
    return run(
        cases, diagnosis="100 of 100 connected, 0 of 100 answered: the target accepts connections but does not work."
    )


def earlier(evidence: Evidence, run_id: str, started: str) -> Evidence:
    environment = evidence.environment.model_copy(update={"run_id": run_id, "started": started})
    return evidence.model_copy(update={"environment": environment})
