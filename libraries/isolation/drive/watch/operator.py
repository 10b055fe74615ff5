"""The operator API of a target, whatever it is made of: what whoever runs the platform can see and do, in the suite's words."""

from __future__ import annotations

from collections.abc import Mapping

from isolation.drive.channels.http import HttpCaller
from isolation.drive.steps.runner import StepFailed, StepRunner
from isolation.target.interpreter import StepResult
from isolation.target.model import FileStep, JwtStep, PrometheusStep, Step, Target
from isolation.target.words import OperatorOperation

_WITHIN_S = 20.0
"""How long an answer is waited for; less than the suite waits for its own monitor, so that the first cause is named."""
_SHORT_S = 1.0
"""How long an interface that hangs is given; only the first question waits in full."""

Rows = list[dict[str, object]]


class OperatorError(Exception):
    """The operator API refused or did not answer; the sentence says which operation."""


class OperatorApi:
    """Asks the operator API.

    Args:
        target: Describes it, each operation as a step.
        secrets: Secrets by word.
        http: Makes HTTP calls; an own caller when not given.
    """

    def __init__(
        self, target: Target, doors: Mapping[str, str], secrets: Mapping[str, str], http: HttpCaller | None = None
    ) -> None:
        """Open nothing yet."""
        self._target, self._doors, self._secrets = target, doors, secrets
        self._http = http or HttpCaller()
        self._owns_http = http is None
        self._steps = StepRunner(self._http, doors, secrets)
        self._hangs = False
        self._failures = 0

    @property
    def openings(self) -> int:
        """Changes when the connection was opened again, or an answer failed: a platform that restarted counts its entries anew."""
        return self._steps.openings + self._failures

    def offers(self, operation: str) -> bool:
        """Whether the target file describes the operation."""
        return operation in self._target.operator

    async def rows(self, operation: str, within_s: float = _WITHIN_S, /, **words: object) -> Rows:
        """The rows of an operation's answer; malformed ones are there, but hold few words or none.

        Raises:
            OperatorError: When it is not described, is refused, or does not answer in time.
        """
        result = await self._do(operation, within_s, words)
        return result.rows if _has_rows(self._step(operation)) else [result.kept]

    async def fields(self, operation: str, within_s: float = _WITHIN_S, /, **words: object) -> dict[str, object]:
        """The words of an operation's answer.

        Raises:
            OperatorError: As ``rows``.
        """
        return (await self._do(operation, within_s, words)).kept

    async def ask(self, operation: str, within_s: float = _WITHIN_S, /, **words: object) -> Rows | dict[str, object]:
        """Rows where the target file describes rows, else the words of the answer.

        Raises:
            OperatorError: As ``rows``.
        """
        result = await self._do(operation, within_s, words)
        return result.rows if _has_rows(self._step(operation)) else result.kept

    def another(self) -> OperatorApi:
        """A second way to the same API, for what may be asked at the same time; that it hangs is known there, too."""
        second = OperatorApi(self._target, self._doors, self._secrets, self._http)
        second._hangs = self._hangs
        return second

    async def close(self) -> None:
        """Close every connection."""
        await self._steps.close()
        if self._owns_http:
            await self._http.close()

    def _step(self, operation: str) -> Step:
        try:
            return self._target.operator[OperatorOperation(operation)]
        except (KeyError, ValueError):
            raise OperatorError(f"the target file describes no operator operation '{operation}'") from None

    async def _do(self, operation: str, within_s: float, words: Mapping[str, object]) -> StepResult:
        step = self._step(operation)
        patience = min(within_s, _SHORT_S) if self._hangs else within_s
        try:
            result = await self._steps.do(step, words, f"operator.{operation}", within_s=patience)
        except StepFailed as error:
            self._hangs = error.timed_out
            self._failures += error.timed_out or error.not_there
            raise OperatorError(str(error)) from None
        self._hangs = False
        return result


def _has_rows(step: Step) -> bool:
    return not isinstance(step, JwtStep) and (step.rows is not None or isinstance(step, (FileStep, PrometheusStep)))
