"""Secrets of users: planted, carried through the platform, and searched for wherever somebody could see them."""
