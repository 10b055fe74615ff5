"""Reaching for other people's things: what is tried is generated from the target file's ``things`` and requests."""
