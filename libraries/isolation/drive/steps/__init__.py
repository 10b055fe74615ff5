"""Doing what a target file writes as steps: calls, commands, tokens, exchanges, files."""
