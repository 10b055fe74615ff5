"""Secrets of the users, and the search for them in everything that anybody received."""

from __future__ import annotations

from robot.api.deco import keyword

from contamination.secrets import run_secrets
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.data.cross_contamination import judge_search
from isolation.record.markers import SecretKind
from isolation.record.searches import Planted
from isolation.scenarios.secrets.searching import search_frames
from registry_keywords import scene
from robot_support.collector import COLLECTOR


def profile_with_secrets(user: TenantAgent) -> dict[str, object]:
    """A profile that holds all secrets of a user, texts and numbers."""
    secrets = run_secrets()
    return {**secrets.texts(user, SecretKind.COMPANY, SecretKind.API_KEY), **secrets.numbers_of(user)}


class Searching:
    """Looks for secrets where they should not be."""

    @keyword
    def no_frame_should_show_a_foreign_secret(self, promise: str) -> None:
        """No frame that any session received should hold a secret of another user, plain, encoded or split over frames.

        The positive control: everybody's own secrets are found in their own frames by the same search.

        Args:
            promise: Id of the promise.

        Example:
        | No Frame Should Show A Foreign Secret | AR-3 |
        """
        planted = Planted(owners=tuple({user.name.partition(".")[0]: None for user in scene.scene().users}))
        COLLECTOR.decide(judge_search(promise, search_frames(run_secrets(), scene.frames(), planted)))
