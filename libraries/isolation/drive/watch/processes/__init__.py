"""Whose process is whose: finding them, deciding which count, and sampling them with all that they started."""
