"""Random passwords, and what the stores keep of them: a password itself never stands in a statement or log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

# Slow hashes protects passwords that people think up. These have 256 random bits, and admitting a tenant must be quick.
_ITERATIONS = 64


def new_password() -> str:
    """A password of 256 random bits."""
    return secrets.token_urlsafe(32)


def scram_verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5802 and RFC 7677).

    ``SCRAM-SHA-256$ITERATIONS:SALT$STORED_KEY:SERVER_KEY`` with StoredKey = H(HMAC(SaltedPassword, "Client Key")) and
    ServerKey = HMAC(SaltedPassword, "Server Key").
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ITERATIONS}:{_base64(salt)}${_base64(stored_key)}:{_base64(server_key)}"


def redis_fingerprint(password: str) -> str:
    """What Redis keeps of a password: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(password.encode()).hexdigest()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
