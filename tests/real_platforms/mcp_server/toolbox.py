"""An MCP server made of the SDK's own parts: ``toolbox.py PORT``.

Sessions and their notebooks are the SDK's business. ``note_put`` and ``note_get`` keep a dictionary of their own, as many published
servers do, which knows names and no users. ``work`` calculates, in the process that serves everybody.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from weakref import WeakKeyDictionary

from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.fastmcp import Context, FastMCP

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "staging"))
from bearer import user_of

PORT = int(sys.argv[1])
SITE = f"http://127.0.0.1:{PORT}"
NOTEBOOKS: WeakKeyDictionary[object, str] = WeakKeyDictionary()
NOTES: dict[str, str] = {}


class Tokens:
    """Tells the SDK whose a token is."""

    async def verify_token(self, token: str) -> AccessToken | None:
        """The token's user as the client; None when it is not good."""
        user = user_of(f"Bearer {token}", "TOOLBOX_KEY")
        return None if user is None else AccessToken(token=token, client_id=user, scopes=["toolbox"])


server = FastMCP(
    "toolbox",
    host="127.0.0.1",
    port=PORT,
    json_response=True,
    log_level="WARNING",
    token_verifier=Tokens(),
    auth=AuthSettings(issuer_url=SITE, resource_server_url=f"{SITE}/mcp", required_scopes=["toolbox"]),
)


@server.tool(structured_output=False)
def write(text: str, context: Context) -> str:
    """Put a text into the notebook of this session."""
    NOTEBOOKS[context.session] = text
    return f"written: {text}"


@server.tool(structured_output=False)
def read(context: Context) -> str:
    """What the notebook of this session holds."""
    return NOTEBOOKS.get(context.session, "an empty notebook")


@server.tool(structured_output=False)
def note_put(name: str, text: str) -> str:
    """Keep a note under a name."""
    NOTES[name] = text
    return f"kept: {text}"


@server.tool(structured_output=False)
def note_get(name: str) -> str:
    """The note of a name."""
    if name not in NOTES:
        raise ValueError("there is no such note")
    return NOTES[name]


@server.tool(structured_output=False)
def note_remove(name: str) -> str:
    """Forget the note of a name."""
    if NOTES.pop(name, None) is None:
        raise ValueError("there is no such note")
    return "forgotten"


@server.tool(structured_output=False)
def work(milliseconds: float) -> str:
    """Calculate for so long."""
    end = time.thread_time() + milliseconds / 1000
    while time.thread_time() < end:
        pass
    return "done"


server.run("streamable-http")
