"""An MCP server with a notebook in each session, made of the SDK's own parts: ``notebook.py PORT``."""

from __future__ import annotations

import sys
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


class Tokens:
    """Tells the SDK whose a token is."""

    async def verify_token(self, token: str) -> AccessToken | None:
        """The token's user as the client; None when it is not good."""
        user = user_of(f"Bearer {token}")
        return None if user is None else AccessToken(token=token, client_id=user, scopes=["notebook"])


server = FastMCP(
    "notebook",
    host="127.0.0.1",
    port=PORT,
    json_response=True,
    log_level="WARNING",
    token_verifier=Tokens(),
    auth=AuthSettings(issuer_url=SITE, resource_server_url=f"{SITE}/mcp", required_scopes=["notebook"]),
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


server.run("streamable-http")
