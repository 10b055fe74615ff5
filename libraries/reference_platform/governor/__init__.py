"""The governor: a process of its own that watches and limits the agents of all tenants.

The gateway talks to it through ``GovernorClient`` with the messages of ``messages.py``.
"""
