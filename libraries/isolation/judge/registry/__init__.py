"""Whether agents live, are ordered and are led as their users asked."""
