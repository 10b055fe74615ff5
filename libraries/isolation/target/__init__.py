"""The description of a platform under test: its file, and the translation of its words."""
