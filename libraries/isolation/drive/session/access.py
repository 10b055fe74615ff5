"""What all sessions of one target share: its description, where it is, and what speaks to it."""

from __future__ import annotations

from collections.abc import Mapping

from isolation.drive.channels.http import HttpCaller
from isolation.drive.channels.python_adapter import Adapter, load_adapter
from isolation.drive.session.pace import Pace
from isolation.drive.steps.runner import StepRunner
from isolation.target.interpreter import Interpreter
from isolation.target.model import Target
from isolation.target.words import Kept, Meaning


class Access:
    """The way to one target; belongs to one event loop.

    Args:
        doors: Addresses by name, as they are now.
        secrets: Secrets by word.
    """

    def __init__(
        self, target: Target, doors: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None
    ) -> None:
        """Open nothing yet.

        Raises:
            SettingsError: When the target's adapter cannot be loaded.
        """
        self.target = target
        self.doors: dict[str, str] = dict(doors or {})
        self.secrets: dict[str, str] = dict(secrets or {})
        self.interpreter = Interpreter(target, self.doors, self.secrets)
        self.http = HttpCaller()
        self.pace = Pace(target.limits.requests_per_minute)
        self.steps = StepRunner(self.http, self.doors, self.secrets)
        self.adapter: Adapter | None = load_adapter(target, self.doors, self.secrets) if target.adapter else None
        self.refusals = target.words.refusals()
        """The suite's word for a refusal by the platform's own code."""
        self.is_plain = self.adapter is None and _is_plain(target)
        """Whether the id in a frame alone says which request it belongs to: then nothing else need be asked."""
        self.integer_ids = target.correlation is not None and target.correlation.ids == "integer"

    def words(self, words: Mapping[str, object]) -> dict[str, object]:
        """A user's words together with doors and secrets."""
        return {**self.secrets, **self.doors, **words}

    async def close(self) -> None:
        """End everything that is shared."""
        await self.steps.close()
        await self.http.close()


def _is_plain(target: Target) -> bool:
    correlation = target.correlation
    if (
        correlation is None
        or correlation.by != "echoed"
        or correlation.owner is not None
        or target.complete is not None
    ):
        return False
    return not any(rule.append or Kept.NONCE in rule.keep or rule.means is Meaning.PART for rule in target.frames)
