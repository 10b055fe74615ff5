"""Who somebody is: the subject of the token."""

from __future__ import annotations

import sys
from pathlib import Path

from langgraph_sdk import Auth

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "staging"))
from bearer import user_of

auth = Auth()


@auth.authenticate
async def authenticate(headers: dict) -> dict:
    """The user, or 401."""
    header = headers.get("authorization") or headers.get(b"authorization") or ""
    user = user_of(header.decode() if isinstance(header, bytes) else header)
    if user is None:
        raise Auth.exceptions.HTTPException(status_code=401, detail="no good token")
    return {"identity": user, "is_authenticated": True}
