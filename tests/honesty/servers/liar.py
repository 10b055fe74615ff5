"""How the suite is pointed at a server that lies: the reference platform's target file with another command and no stores."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "resources" / "targets" / "reference_platform.yaml"
STORES = ("database", "cache", "analytics", "log_folder")


def write_target(file: Path, module: str, *options: str) -> Path:
    """Write the target file of one of the servers.

    Args:
        file: Where it is written.
        module: Name of the server, such as "yes_man".
        options: Its command line.
    """
    target = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    target["name"] = module.rpartition(".")[2].replace("_", "-")
    target["launch"]["command"] = ["python", "-m", module if "." in module else f"servers.{module}", *options]
    target["launch"]["environment"] = {
        "PYTHONPATH": os.pathsep.join(str(ROOT / "tests" / name) for name in ("honesty", "faults"))
    }
    target["secrets"] = {word: name for word, name in target["secrets"].items() if word not in STORES}
    del target["stores"]
    file.write_text(yaml.safe_dump(target, sort_keys=False, width=10_000), encoding="utf-8")
    return file
