"""Rendering: verdicts, charts and evidence become text and files. Nothing here judges a number or talks to a target."""
