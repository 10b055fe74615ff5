"""Tokens that must not open anything, and how the platform receives them."""
