"""Four rules that every interface to things should keep, tried on one owner and one stranger.

Source: V. Atlidakis, P. Godefroid, M. Polishchuk, Checking Security Properties of Cloud Service REST APIs, 2020: what was
removed is gone (use after free); what failed to be made leaves nothing (resource leak); a thing is reached through its own
parent only (resource hierarchy); a thing is reached in its own user's namespace only (user namespace).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from isolation.drive.probe.callers import Caller, Reply
from isolation.drive.probe.doors import make_things
from isolation.record import Outcome
from isolation.record.probes import DoorProbe, Expected, Relation, Rule

_ON_AGENTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("agent_get", {}),
    ("execute", {"work": "noop"}),
    ("recall", {}),
    ("agent_stop", {}),
    ("agent_reset", {}),
    ("agent_remove", {}),
)
_FIRST_NUMBER = 900


class DoorRules:
    """Tries the four rules."""

    def __init__(self, owner: Caller, stranger: Caller) -> None:
        """Take two users of different tenants."""
        self._owner = owner
        self._stranger = stranger
        self.probes: list[DoorProbe] = []

    async def attempt(self) -> list[DoorProbe]:
        """Try all four."""
        await self._use_after_removal()
        await self._leftovers_of_failures()
        await self._hierarchy()
        await self._namespace()
        return self.probes

    async def _use_after_removal(self) -> None:
        owner, rule = self._owner, Rule.AFTER_REMOVAL
        things = await make_things(owner, _FIRST_NUMBER)
        for kind, more in _ON_AGENTS:
            self._note(kind, rule, Expected.ALLOW, await owner.ask(kind, agent=things.agent, **more))
        for kind, more in _ON_AGENTS:
            self._note(kind, rule, Expected.DENY, await owner.ask(kind, agent=things.agent, **more))
        where: dict[str, object] = {"scope": "preference", "key": things.key}
        for expected in (Expected.ALLOW, Expected.DENY):
            for kind in ("state_get", "state_delete"):
                self._note(kind, rule, expected, await owner.ask(kind, **where))
        await self._use_after_session_end()

    async def _use_after_session_end(self) -> None:
        owner = self._owner
        for expected, gracefully in ((Expected.ALLOW, False), (Expected.DENY, True)):
            assert owner.opening is not None
            ended = owner.opening.session_id
            if gracefully:
                await owner.ask("session_end")
            await owner.reopen(gracefully)
            resumed = await owner.ask("session_resume", session=ended, sequence=0)
            self._note("session_resume", Rule.AFTER_REMOVAL, expected, resumed)

    async def _leftovers_of_failures(self) -> None:
        owner = self._owner
        agents, keys = (
            self._counted("agent_list", "agents"),
            self._counted("state_list", "keys", scope="preference", prefix=""),
        )
        await self._creation("agent_create", agents, {"agent_type": "no-such-type"}, {"agent_type": "data"})
        good: dict[str, object] = {"scope": "preference", "key": "key-910", "value": "kept"}
        await self._creation("state_put", keys, {**good, "key": "no key\n"}, good)
        await owner.ask("state_delete", scope="preference", key="key-910")

    async def _creation(
        self, kind: str, count: Callable[[], Awaitable[int]], bad: dict[str, object], good: dict[str, object]
    ) -> None:
        """A creation that fails changes nothing; the same creation done right does.

        What one platform refuses another may take: a creation that succeeds has not failed, and is no trial.
        """
        before = await count()
        reply = await self._owner.ask(kind, **bad)
        if reply.outcome is Outcome.ANSWERED:
            return
        self._note(kind, Rule.AFTER_FAILURE, Expected.DENY, reply, await count() == before)
        reply = await self._owner.ask(kind, **good)
        self._note(kind, Rule.AFTER_FAILURE, Expected.ALLOW, reply, await count() == before + 1)

    async def _hierarchy(self) -> None:
        owner = self._owner
        first, second = await make_things(owner, _FIRST_NUMBER + 20), await make_things(owner, _FIRST_NUMBER + 21)
        calls: tuple[tuple[str, dict[str, object]], ...] = (("agent_get", {}), ("execute", {"work": "noop"}))
        for kind, more in calls:
            for expected, thread in ((Expected.DENY, second.thread), (Expected.ALLOW, first.thread)):
                reply = await owner.ask(kind, agent=first.agent, thread=thread, **more)
                self._note(kind, Rule.OTHER_PLACE, expected, reply)

    async def _namespace(self) -> None:
        """Names are everybody's own: the stranger uses the owner's names without saying whose they are."""
        things = await make_things(self._owner, _FIRST_NUMBER + 30)
        where: dict[str, object] = {"scope": "preference", "key": things.key}
        self._note("state_get", Rule.SAME_NAME, Expected.ALLOW, await self._owner.ask("state_get", **where))
        stranger = await self._stranger.ask("state_get", **where)
        self._note(
            "state_get", Rule.SAME_NAME, Expected.DENY, stranger, relation=Relation.FOREIGN, caller=self._stranger
        )
        await self._stranger.ask("state_put", **where, value="the stranger's")
        theirs = await self._stranger.ask("state_get", **where)
        own = await self._owner.ask("state_get", **where)
        kept = theirs.result.get("value") == "the stranger's" and own.result.get("value") != "the stranger's"
        self._note("state_put", Rule.SAME_NAME, Expected.ALLOW, own, kept)

    def _counted(self, kind: str, field: str, **arguments: object) -> Callable[[], Awaitable[int]]:
        async def count() -> int:
            listed = (await self._owner.ask(kind, **arguments)).result.get(field)
            return len(listed) if isinstance(listed, list) else -1

        return count

    def _note(
        self,
        kind: str,
        rule: Rule,
        expected: Expected,
        reply: Reply,
        effect: bool | None = None,
        relation: Relation = Relation.SELF,
        caller: Caller | None = None,
    ) -> None:
        owner, asker = self._owner.person.name, (caller or self._owner).person.name
        outcome = Outcome.REFUSED if reply.outcome is Outcome.CANCELLED else reply.outcome
        self.probes.append(
            DoorProbe(
                f"{kind} {rule}", owner, asker, relation, expected, outcome, reply.code, reply.length, reply.seconds, effect,
                rule=rule,
            )
        )  # fmt: skip
