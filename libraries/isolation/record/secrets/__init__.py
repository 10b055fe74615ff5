"""Planted secrets, and where they were found again."""
