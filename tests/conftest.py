"""Processes that tests start find the packages in ``libraries`` too, whatever their working folder."""

import os
from pathlib import Path

LIBRARIES = str(Path(__file__).resolve().parents[1] / "libraries")
os.environ["PYTHONPATH"] = os.pathsep.join(path for path in (LIBRARIES, os.environ.get("PYTHONPATH", "")) if path)
