"""The run seen from the side of public controls: which promises are evidence for each, and what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from isolation.settings.catalogue import Promise
from isolation.settings.controls import Framework
from isolation.show.verdicts import PromiseResult, PromiseVerdict


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control.

    Attributes:
        id: Such as ``CWE-639``.
        anchor: Its place on the page.
        title: From its catalogue.
        results: The promises of this run that are evidence for it.
        elsewhere: Promises about the suite itself that are evidence for it.
        verdict: The worst of them; None when only promises about the suite are.
    """

    id: str
    anchor: str
    title: str
    results: tuple[PromiseResult, ...]
    elsewhere: tuple[Promise, ...]
    verdict: PromiseVerdict | None


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """One public catalogue with its rows."""

    framework: Framework
    rows: tuple[ControlRow, ...]

    @property
    def counts(self) -> list[tuple[PromiseVerdict | None, int]]:
        """How many controls have which worst verdict, the worst first, then those that no run decides."""
        found = Counter(row.verdict for row in self.rows)
        ordered = [*reversed(PromiseVerdict), None]
        return [(verdict, found[verdict]) for verdict in ordered if found[verdict]]


def by_control(
    frameworks: Sequence[Framework], results: Sequence[PromiseResult], elsewhere: Sequence[Promise]
) -> tuple[FrameworkView, ...]:
    """The controls in the order of their catalogues."""
    return tuple(
        FrameworkView(
            framework, tuple(_row(name, title, results, elsewhere) for name, title in framework.controls.items())
        )
        for framework in frameworks
    )


def control_anchor(control: str) -> str:
    """The place of a control on the page."""
    return "control-" + "".join(letter if letter.isalnum() else "-" for letter in control)


def _row(name: str, title: str, results: Sequence[PromiseResult], elsewhere: Sequence[Promise]) -> ControlRow:
    own = tuple(result for result in results if name in result.promise.controls)
    others = tuple(promise for promise in elsewhere if name in promise.controls)
    worst = max((result.verdict for result in own), key=lambda verdict: verdict.severity, default=None)
    return ControlRow(name, control_anchor(name), title, own, others, worst)
