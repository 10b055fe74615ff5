"""Whether anything of one tenant reached another: contents, stores, saved state."""
