"""How a keyword fails: in one sentence, without a traceback."""

from __future__ import annotations


class PromiseBroken(AssertionError):
    """A verdict is FAIL. The test goes on, so that the other claims of the test are decided too."""

    ROBOT_SUPPRESS_NAME = True
    ROBOT_CONTINUE_ON_FAILURE = True


class NothingToSay(Exception):
    """The target has not declared what the test needs: NOT APPLICABLE, shown as skipped."""

    ROBOT_SUPPRESS_NAME = True
    ROBOT_SKIP_EXECUTION = True


class BrokenEnvironment(Exception):
    """The suite itself cannot work (bad setting, target not there): neither the target's success nor its failure."""

    ROBOT_SUPPRESS_NAME = True
    ROBOT_EXIT_ON_FAILURE = True
