"""Ways of writing: each view takes one layer off, or reads one form."""
