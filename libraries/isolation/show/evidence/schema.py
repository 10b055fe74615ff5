"""Write the schema of the evidence file anew: ``python -m isolation.show.evidence.schema``."""

from __future__ import annotations

import json

from isolation.show.evidence.decided import SCHEMA_FILE, evidence_schema
from isolation.show.files.safe import write_whole


def main() -> None:
    """Write ``resources/evidence.schema.json``."""
    write_whole(SCHEMA_FILE, json.dumps(evidence_schema(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
