"""The run that another one is compared with: read before anything is written, because it may lie in the folder that is written to."""

from __future__ import annotations

from pathlib import Path

from isolation.show.evidence.decided import DecidedEvidence, load_evidence
from isolation.show.files.safe import said

EVIDENCE = "evidence.json"


def load_run(path: Path) -> DecidedEvidence:
    """The evidence of a run.

    Args:
        path: Its ``evidence.json``, or the folder that holds it.

    Raises:
        ValueError: It cannot be read or is no evidence; one sentence says which.
    """
    file = path / EVIDENCE if path.is_dir() else path
    try:
        return load_evidence(file)
    except OSError as error:
        raise ValueError(f"'{file}' cannot be read: {said(error)}") from None
    except ValueError as error:
        raise ValueError(f"'{file}' is no evidence of this version: {str(error).splitlines()[0]}") from None
