"""Who somebody is, and the usual filter: whoever makes something owns it. ``CONFIGURATION`` says whether the store is filtered too."""

from __future__ import annotations

import os
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
    user = user_of(header.decode() if isinstance(header, bytes) else header, "AGENT_TOKEN_KEY")
    if user is None:
        raise Auth.exceptions.HTTPException(status_code=401, detail="no good token")
    return {"identity": user, "is_authenticated": True}


@auth.on
async def own_only(ctx: Auth.types.AuthContext, value: dict) -> dict:
    """The filter of the documentation."""
    mine = {"owner": ctx.user.identity}
    value.setdefault("metadata", {}).update(mine)
    return mine


if os.environ["CONFIGURATION"] == "own_store":

    @auth.on.store
    async def own_namespace(ctx: Auth.types.AuthContext, value: dict) -> None:
        """Everybody has a part of the store."""
        value["namespace"] = (ctx.user.identity, *(value.get("namespace") or ()))
