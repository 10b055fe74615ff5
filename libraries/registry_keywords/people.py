"""The users of the registry: who there is, and that their sessions come and go."""

from __future__ import annotations

from robot.api.deco import keyword

from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.traffic.routing import judge_routing
from isolation.judge.traffic.served import judge_served
from registry_keywords import scene
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.deliveries import final_kinds
from robot_support.failures import BrokenEnvironment
from robot_support.scenario import scenario

_COLLEAGUES = 3
"""Every third user is a colleague: a second user of the tenant before."""


class People:
    """Connects users and judges what holds for all of them."""

    @keyword
    def connect_registry_users(self, count: int) -> None:
        """Create users and connect them; every third one is a colleague in the tenant of the one before.

        From here on every frame of every session is kept, and the first requests wake up what the platform makes once.

        Args:
            count: How many.

        Example:
        | Connect Registry Users | 15 |
        """
        run = runs.current()
        run.engine.call("record_frames", True)
        run.engine.call("take_frames")
        users: list[TenantAgent] = []
        manager = run.manager
        for number in range(count):
            colleague = number % _COLLEAGUES == _COLLEAGUES - 1
            users += [manager.add_user(users[-1])] if colleague else manager.create_tenant_agents(1)
        scenario().tenants.extend(users)
        found = scene.scene()
        found.users = scene.connect(users)
        if len(found.users) < count:
            raise BrokenEnvironment(f"Only {len(found.users)} of {count} users of the registry could connect.")

    @keyword
    def stop_keeping_frames(self) -> None:
        """Keep no more frames: the end of a file about the registry.

        Example:
        | Stop Keeping Frames |
        """
        if runs.is_open():
            runs.current().engine.call("record_frames", False)
            runs.current().engine.call("take_frames")

    @keyword
    def registry_requests_should_be_answered(self, promise: str, part: str) -> None:
        """The promised share of the requests of one sentence should have been answered.

        Args:
            promise: Id of the promise; its limit ``success`` decides.
            part: What was asked, by the name that the sentence gave it.

        Example:
        | Registry Requests Should Be Answered | AR-13 | traffic |
        """
        limit = runs.current().limit(promise, "success")
        metric = f"requests answered ({part})"
        COLLECTOR.decide(judge_served(promise, metric, scene.scene().operations(part), limit, f"in '{part}'"))

    @keyword
    def every_frame_should_reach_its_own_session(self, promise: str) -> None:
        """Every event of the whole file so far should have reached exactly the session that asked, once and in order.

        Args:
            promise: Id of the promise; the limit ``routing`` of AR-11 decides.

        Example:
        | Every Frame Should Reach Its Own Session | AR-11 |
        """
        target = runs.current().target
        limit = runs.current().limit("AR-11", "routing")
        operations = scene.scene().operations()
        COLLECTOR.decide(
            judge_routing(promise, operations, scene.events(), final_kinds(target), target.words.events, limit)
        )
