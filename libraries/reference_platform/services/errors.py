"""What can go wrong with the platform's stores."""

from __future__ import annotations


class ServiceError(Exception):
    """A store cannot be started or must not be used; the message is one sentence that says why and what to do."""
