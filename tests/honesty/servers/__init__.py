"""Servers that promise everything and do nothing: what the suite must not believe."""
