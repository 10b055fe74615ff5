"""Frames: rules that never fit, answers that nothing can give, ids that nothing sends."""

from __future__ import annotations

from collections.abc import Iterator

from isolation.target.model import EmitRequest, FrameRequest, FrameRule, HttpRequest, Target
from isolation.target.placeholders import names_in
from isolation.target.reading.findings import Finding
from isolation.target.words import Meaning

_ANSWERS = {Meaning.ANSWERED, Meaning.PART}


def check_frames(target: Target) -> Iterator[Finding]:
    """What is wrong with frames, completion and correlation."""
    if target.adapter is not None or target.session is None:
        return
    yield from _meanings(target)
    yield from _parts(target)
    yield from _unreachable(target.frames)
    yield from _ids(target)


def _meanings(target: Target) -> Iterator[Finding]:
    meanings = {rule.means for rule in target.frames}
    messages = [kind for kind, request in target.requests.items() if not isinstance(request, HttpRequest)]
    acknowledged = all(isinstance(r, EmitRequest) and r.acknowledged for r in target.requests.values())
    if messages and not meanings & _ANSWERS and not acknowledged:
        yield ("frames",), "have no rule that means 'answered': no request could ever be answered"
    assert target.session is not None
    if target.session.ready == "frame" and Meaning.READY not in meanings:
        yield ("session", "ready"), "waits for a frame, but no rule of 'frames' means 'ready'"
    for number, rule in enumerate(target.frames):
        if rule.code is not None and rule.means not in (
            Meaning.REFUSED,
            Meaning.CANCELLED,
            Meaning.PART,
            Meaning.CLOSED,
        ):
            yield ("frames", number, "code"), "is the reason of a refusal; this rule does not mean one"
        for position, kind in enumerate(rule.kinds):
            if kind not in target.requests:
                yield ("frames", number, "for", position), f"names the request '{kind}', which 'requests' does not have"


def _parts(target: Target) -> Iterator[Finding]:
    given = {rule.part for rule in target.frames if rule.part}
    wanted = target.complete.all if target.complete else []
    for position, part in enumerate(wanted):
        if part not in given:
            yield ("complete", "all", position), f"waits for the part '{part}', which no rule of 'frames' gives"
    for number, rule in enumerate(target.frames):
        if rule.part and rule.part not in wanted:
            yield ("frames", number, "part"), f"gives the part '{rule.part}', for which 'complete' does not wait"


def _unreachable(rules: list[FrameRule]) -> Iterator[Finding]:
    for later, rule in enumerate(rules):
        for earlier, other in enumerate(rules[:later]):
            if all(path in rule.when and _covers(other.when[path], rule.when[path]) for path in other.when):
                yield (
                    ("frames", later),
                    f"never decides: rule {earlier + 1} comes first and takes all that it would take;"
                    " put the narrower rule first, or remove one",
                )
                break


def _covers(wide: object, narrow: object) -> bool:
    if wide == "present":
        return narrow not in ("absent", None) and not (isinstance(narrow, list) and None in narrow)
    if wide == "absent":
        return narrow == "absent" or narrow is None
    if narrow in ("present", "absent"):
        return False
    wide_values = wide if isinstance(wide, list) and wide else [wide]
    narrow_values = narrow if isinstance(narrow, list) and narrow else [narrow]
    return all(any(type(value) is type(one) and value == one for one in wide_values) for value in narrow_values)


def _ids(target: Target) -> Iterator[Finding]:
    correlation = target.correlation
    if correlation is None:
        return
    for number, rule in enumerate(target.frames):
        for path, matcher in rule.when.items():
            if path in (correlation.read or ()) and matcher not in ("present", "absent", None):
                yield (
                    ("frames", number, "when"),
                    f"compares '{path}', where the id of the request stands ('correlation.read'): an id says nothing about"
                    " what a frame means",
                )
    if correlation.by != "echoed":
        return
    for kind, request in target.requests.items():
        body = request.root if isinstance(request, FrameRequest) else getattr(request, "data", None)
        acknowledged = isinstance(request, EmitRequest) and request.acknowledged
        if not isinstance(request, HttpRequest) and not acknowledged and "id" not in names_in(body):
            yield (
                ("requests", kind),
                "does not send its id, but 'correlation.by: echoed' waits for it; put '{id}' where the id belongs"
                " (in 'request_base' for all requests)",
            )
