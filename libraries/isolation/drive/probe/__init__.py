"""Trying what must be refused: other tenants' things, bad credentials, incidents of others."""
