"""What can go wrong in the platform's state."""

from __future__ import annotations


class StoreError(Exception):
    """A store did not do what it was asked; the message holds no secret and nothing of a tenant."""


class QuotaExceeded(StoreError):
    """The tenant's connection limit does not allow it."""


class SchemaError(StoreError):
    """The database does not separate the tenants as it should; the platform must not start on it."""
