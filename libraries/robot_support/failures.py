"""How a keyword fails: in one sentence, without a traceback."""

from __future__ import annotations


class PromiseBroken(AssertionError):
    """A verdict is FAIL. The test goes on, so that the other claims of the test are decided too."""

    ROBOT_SUPPRESS_NAME = True
    ROBOT_CONTINUE_ON_FAILURE = True


class CouldNotBeExamined(Exception):
    """Neither the target's success nor its failure: a broken instrument, a mistake in the scenario, a platform that is not there."""

    ROBOT_SUPPRESS_NAME = True


class BrokenEnvironment(Exception):
    """The suite itself cannot work (bad setting, target not there): neither the target's success nor its failure."""

    ROBOT_SUPPRESS_NAME = True
    ROBOT_EXIT_ON_FAILURE = True
