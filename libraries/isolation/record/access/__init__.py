"""Attempts to reach what belongs to others."""
