"""Doing the steps of a target file; what they are with their words in place, and what an answer makes of them, is the target's."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from isolation.drive.channels.channel import Refused
from isolation.drive.channels.http import HttpCaller, origin
from isolation.drive.steps.commands import run_command
from isolation.drive.steps.exchanges import Exchanges
from isolation.drive.steps.log_file import read_log
from isolation.drive.steps.tokens import sign_token
from isolation.settings.errors import SettingsError
from isolation.target.interpreter import (
    CommandRun,
    Exchange,
    FileToRead,
    FilledStep,
    HttpCall,
    Reply,
    StepResult,
    StepState,
    TokenToSign,
    fill_step,
    judge_reply,
)
from isolation.target.model import CommandStep, FileStep, HttpStep, JwtStep, Step, WebSocketStep
from isolation.target.placeholders import UnfilledPlaceholder

Words = Mapping[str, object]
_SHORTEST_S = 0.01
_FRESH = "id"
"""The word that is another number for every step that is done: it ties an answer to its message."""


class StepFailed(Exception):
    """A step did not do what the target file expects; the sentence says which step and what came instead.

    Attributes:
        timed_out: Whether nothing came in time.
        not_there: Whether nobody answered at all.
        refusal: The answer that was not the expected one, where it was one of HTTP.
    """

    def __init__(
        self, sentence: str, timed_out: bool = False, not_there: bool = False, refusal: Refused | None = None
    ) -> None:
        """Keep what is known."""
        super().__init__(sentence)
        self.timed_out = timed_out
        self.not_there = not_there
        self.refusal = refusal


@dataclass(slots=True)
class Cookies:
    """The cookies of one person, by the place that set them: they go back to it and nowhere else."""

    by_origin: dict[tuple[str, str, int | None], dict[str, str]] = field(default_factory=dict)

    def header(self, url: str) -> str:
        """What goes along to an address; empty when nothing does."""
        return "; ".join(f"{name}={value}" for name, value in self.by_origin.get(origin(url), {}).items())

    def keep(self, url: str, cookies: Mapping[str, str]) -> None:
        """Take what an address has set."""
        if cookies:
            self.by_origin.setdefault(origin(url), {}).update(cookies)


class StepRunner:
    """Does steps for one target.

    Args:
        http: Makes the calls.
        secrets: Secrets by word; they never appear in a sentence.
    """

    def __init__(self, http: HttpCaller, doors: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Open nothing yet."""
        self._http = http
        self._doors = dict(doors)
        self._secrets = dict(secrets)
        self._exchanges = Exchanges()
        self._numbers = itertools.count(1)

    async def run(self, steps: Sequence[Step], words: Words, place: str) -> dict[str, object]:
        """Do steps one after the other; each sees the words that the ones before kept.

        Args:
            words: The words of the user whom they are for.
            place: Where the steps stand in the target file, such as ``tenants.make``.

        Raises:
            StepFailed: When a step fails; the steps after it are not done.
        """
        found: dict[str, object] = {}
        cookies = Cookies()
        for number, step in enumerate(steps):
            result = await self.do(step, {**words, **found}, f"{place}.{number}", cookies)
            found.update(result.kept or (result.rows[0] if result.rows else {}))
        return found

    async def do(
        self, step: Step, words: Words, place: str, cookies: Cookies | None = None, within_s: float | None = None
    ) -> StepResult:
        """Do one step, again and again where it has to wait for something.

        Args:
            words: The words for it; secrets and doors are added.
            place: Where it stands in the target file.
            cookies: Those of the person whom it is for.
            within_s: Seconds for all of it; as the step says when not given.

        Raises:
            StepFailed: When it does not come out as the file wants.
        """
        given = {**self._secrets, **words, _FRESH: str(next(self._numbers))}
        called = f"{place} ({_title(step)})"
        try:
            filled = fill_step(step, given, self._doors)
            if isinstance(filled, TokenToSign):
                return StepResult(StepState.DONE, kept={filled.word: sign_token(filled)})
            return await self._until_done(step, filled, given, called, cookies or Cookies(), within_s)
        except UnfilledPlaceholder as missing:
            raise StepFailed(f"{called} needs the word '{missing}', which nothing has given") from None
        except SettingsError as error:
            raise StepFailed(f"{called}: {error}") from None

    @property
    def openings(self) -> int:
        """How often a connection of an exchange was opened."""
        return self._exchanges.openings

    async def close(self) -> None:
        """End the connections of exchanges; the HTTP caller is not ended."""
        await self._exchanges.close()

    async def _until_done(
        self, step: Step, filled: FilledStep, words: Words, called: str, cookies: Cookies, within_s: float | None
    ) -> StepResult:
        assert not isinstance(step, JwtStep)
        within = step.within if within_s is None else within_s
        end = time.monotonic() + within
        waiting = "nothing came"
        while True:
            left = end - time.monotonic()
            if left <= _SHORTEST_S:
                raise StepFailed(f"{called} was not done within {within:g} s: {waiting}", timed_out=True)
            try:
                reply = await self._once(filled, left, cookies)
                result = judge_reply(step, reply, words)
            except TimeoutError:
                raise StepFailed(f"{called} gave no answer within {within:g} s", timed_out=True) from None
            except Refused as error:
                if step.until is None:
                    raise StepFailed(f"{called}: {error}", not_there=True) from None
                waiting = str(error)
            else:
                if result.state is StepState.DONE:
                    return result
                if result.state is StepState.FAILED:
                    sentence = f"{called}: {result.reason}"
                    raise StepFailed(sentence, refusal=_refusal(sentence, filled, reply))
                waiting = result.reason
            await asyncio.sleep(min(step.every, max(_SHORTEST_S, end - time.monotonic())))

    async def _once(self, filled: FilledStep, left: float, cookies: Cookies) -> Reply:
        if isinstance(filled, HttpCall):
            return await self._call(filled, left, cookies)
        if isinstance(filled, CommandRun):
            return await run_command(filled, left)
        if isinstance(filled, Exchange):
            return await self._exchanges.ask(filled, left)
        assert isinstance(filled, FileToRead)
        return Reply(text=await asyncio.to_thread(read_log, filled.path))

    async def _call(self, call: HttpCall, left: float, cookies: Cookies) -> Reply:
        headers = dict(call.headers)
        own = cookies.header(call.url)
        if own and not any(name.lower() == "cookie" for name in headers):
            headers["Cookie"] = own
        reply = await self._http.call(call.method, call.url, headers, call.body, left)
        cookies.keep(call.url, reply.cookies())
        text = reply.body.decode("utf-8", "replace")
        return Reply(reply.status, text, reply.by_name(), reply.cookies())


def _refusal(sentence: str, filled: FilledStep, reply: Reply) -> Refused | None:
    if not isinstance(filled, HttpCall):
        return None
    return Refused(sentence, reply.status, tuple(reply.headers.items()), reply.text.encode())


def _title(step: Step) -> str:
    """The step as the file writes it: placeholders unfilled, so that nothing secret is in it."""
    if isinstance(step, HttpStep):
        return f"{step.http} {step.url}"
    if isinstance(step, CommandStep):
        return f"command {step.command[0]}"
    if isinstance(step, JwtStep):
        return f"a {step.jwt.algorithm} token"
    if isinstance(step, WebSocketStep):
        return f"exchange with {step.websocket}"
    return f"file {step.file}" if isinstance(step, FileStep) else f"Prometheus {step.prometheus}"
