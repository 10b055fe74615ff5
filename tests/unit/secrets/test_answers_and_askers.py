"""Every answer is compared with its asker: by user, tenant, session and the text of the request."""

from __future__ import annotations

from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.data.secrets_at_home import judge_askers
from isolation.record import Operation, Outcome, Verdict
from isolation.record.concurrent_startup.contamination import AnswerCheck, ContaminationRecord
from isolation.record.limits import Limits
from isolation.record.tenants import TenantNames
from isolation.scenarios.secrets.work import check_answer

ANN = TenantAgent("tenant-01", "acme", "ann", "standard")


def checked(kept: dict[str, object], text: str = "mine") -> AnswerCheck:
    answer = Operation("tenant-01", "ann", "s", "1", "noop", 0.0, outcome=Outcome.ANSWERED, kept=kept)
    return check_answer(answer, ANN, "ses-1", {"text": text})


def verdict(*answers: AnswerCheck) -> Verdict:
    record = ContaminationRecord(TenantNames(("tenant-01",)), answers=list(answers))
    return judge_askers("CS-2", record, Limits())[0].verdict


def test_an_answer_about_the_asker_passes() -> None:
    own = checked({"user": "ann", "tenant": "acme", "session": "ses-1", "echo": "mine"})
    assert own.compared == ("user", "tenant", "session", "echo") and own.wrong == ()
    assert verdict(own) is Verdict.PASS


def test_a_single_word_of_somebody_else_fails() -> None:
    own = checked({"user": "ann"})
    for name, value in (("user", "eve"), ("tenant", "other"), ("session", "ses-2"), ("echo", "theirs")):
        assert verdict(own, checked({name: value})) is Verdict.FAIL


def test_answers_that_say_nothing_of_anybody_show_nothing() -> None:
    assert verdict(checked({"number": 1})) is Verdict.INCONCLUSIVE
    assert verdict() is Verdict.INCONCLUSIVE
