"""How the governor's process starts and ends."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from component.governor.made_groups import groups_of
from reference_platform.governor.client import GovernorClient, GovernorLost
from reference_platform.governor.settings import EnforcementChoice, GovernorSettings

pytestmark = pytest.mark.asyncio


async def test_a_governor_that_cannot_start_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    client = GovernorClient.start(GovernorSettings())
    with pytest.raises(GovernorLost):
        await client.open(lambda _: None, patience_seconds=5)
    await client.close()


async def test_a_defect_is_applied_before_the_parts_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "reference_platform_defects_stand_in.py"
    package.write_text(
        "import sys, types\nmodule = types.ModuleType('reference_platform.defects')\n"
        "def apply(name):\n"
        "    from reference_platform.governor.enforcement.by_signals import SignalEnforcer\n"
        "    SignalEnforcer.mechanism = property(lambda self: f'defect {name}')\n"
        "module.apply = apply\nsys.modules['reference_platform.defects'] = module\n"
    )
    (tmp_path / "sitecustomize.py").write_text("import reference_platform_defects_stand_in\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    client = GovernorClient.start(GovernorSettings(enforcement=EnforcementChoice.SIGNALS), defect="quota-off")
    await client.open(lambda _: None)
    assert client.mechanism == "defect quota-off"
    await client.close()


async def test_the_governor_ends_and_cleans_up_when_the_gateway_is_killed() -> None:
    program = (
        "import asyncio, os\nfrom reference_platform.governor.client import GovernorClient\n"
        "from reference_platform.governor.settings import GovernorSettings\n"
        "c = GovernorClient.start(GovernorSettings())\n"
        "asyncio.run(c.open(lambda m: None))\nprint(c.pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    for _ in range(100):
        if not os.path.exists(f"/proc/{pid}"):
            break
        await asyncio.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}") and not groups_of(pid)
