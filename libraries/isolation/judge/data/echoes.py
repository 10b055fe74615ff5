"""Whether each answer gives back exactly the text of its own request (CS-4).

Principle: routing by correlation id alone would not notice an answer that carries the right id and somebody else's
content. Every request therefore holds a text of its own, which the answer must give back to the letter. Exact
counting, no statistics.
"""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.rules.verdicts import inconclusive, judged, no_evidence, plural, zero
from isolation.record import Measurement
from isolation.record.traffic.echoes import Echo


def judge_echoes(promise: str, echoes: Sequence[Echo], without_text: int = 0) -> Measurement:
    """Every answer gives back its own text.

    Args:
        echoes: One per request.
        without_text: How many requests were answered in words of the platform's own, so that nothing tells whose they are.

    Returns:
        The number of answers with another text, which must be zero; whose text it was is named. FAIL without any
        answer, INCONCLUSIVE where no answer gave a text back; requests without one are counted by the judge of routing.
    """
    metric, limit = "answers with the text of another request", zero(f"promise {promise}: its own answer only")
    answered = [echo for echo in echoes if echo.heard is not None]
    if not answered:
        if without_text:
            claim = f"{plural(without_text, 'answer')} came, and none gave the text of its request back"
            return inconclusive(promise, metric, limit, claim, samples=without_text)
        return no_evidence(promise, metric, limit, f"0 of {plural(len(echoes), 'request')} answered; no text came back")
    wrong = [echo for echo in answered if echo.heard != echo.said]
    claim = f"{len(answered) - len(wrong):,} of {plural(len(answered), 'answer')} gave back their own text"
    tenants = [echo.tenant for echo in wrong]
    if wrong:
        owner = next((echo.tenant for echo in echoes if echo.said == wrong[0].heard), "")
        claim += f"; '{wrong[0].tenant}' got {f'the text of {owner!r}' if owner else 'a text that nobody had sent'}"
        tenants += [owner] if owner else []
    return judged(promise, metric, float(len(wrong)), limit, len(answered), claim, tenants=dict.fromkeys(tenants))
