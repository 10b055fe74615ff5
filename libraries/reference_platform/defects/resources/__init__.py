"""Defects of processor time, memory and of what is left after an end."""
