"""Sentences with units and limits: what Robot hands to a keyword, and what it says about a mistake."""
