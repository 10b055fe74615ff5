"""Cross-contamination: every user has secrets, works, and every place is searched for secrets of somebody else."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library

from isolation.judge.data import secrets_at_home as judges
from isolation.scenarios.concurrent_startup import contamination
from isolation.scenarios.secrets.places import STORE_OF, Place
from isolation.show.figures.contamination import matrix_of_searches
from isolation.target.needs import Needs
from robot_support.experiment import ExperimentLibrary

PlaceName = Literal["frames", "PostgreSQL", "Redis", "ClickHouse", "log files", "agent processes"]


@library(scope="SUITE")
class ContaminationLibrary(ExperimentLibrary):
    """Plants secrets, lets their owners work, and searches frames, stores, logs and processes for foreign ones.

    A secret is a text or number that says whose it is. It is found plain and encoded (JSON escapes, base64, hexadecimal,
    URL encoding, case, reversed, compressed, UTF-16) and when it is split over frames. In every search something is
    planted that must be found; without it, "none found" is INCONCLUSIVE.
    """

    @keyword
    def record_work_with_secrets(self) -> None:
        """Every user saves secrets everywhere and gets reports full of them; then every place is searched.

        Example:
        | Record Work With Secrets |
        """
        self.experiment(contamination.run, contamination.NEEDS)

    @keyword
    def requests_with_secrets_should_be_answered(self) -> None:
        """Nearly all requests with secrets were answered, or a search of the answers proves nothing.

        Example:
        | Requests With Secrets Should Be Answered |
        """
        self.claim(judges.judge_secrets_answered)

    @keyword
    def answers_should_be_about_their_askers(self) -> None:
        """Every answer names its own user, tenant and session, and gives back the text of its own request.

        Example:
        | Answers Should Be About Their Askers |
        """
        self.claim(judges.judge_askers)

    @keyword
    def place_should_hold_no_foreign_secret(self, place: PlaceName) -> None:
        """Nothing of anybody but its owner was found in a kind of place.

        Example:
        | Place Should Hold No Foreign Secret | frames |
        """
        store = STORE_OF.get(Place(place))
        needs = Needs(stores=(store,) if store else (), processes=Place(place) is Place.PROCESSES)
        self.claim(judges.judge_place, needs=needs, figure=matrix_of_searches, kind=place)

    @keyword
    def harmless_sights_should_raise_no_alarm(self) -> None:
        """Own secrets that came back to their owner, and the public announcement, are not reported as leaks.

        Example:
        | Harmless Sights Should Raise No Alarm |
        """
        self.claim(judges.judge_no_false_alarm)
