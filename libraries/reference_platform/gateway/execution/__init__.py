"""Work: its kinds, its events, and the processes that do it."""
