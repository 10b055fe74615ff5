"""What keyword libraries of the old form still take from the search for secrets."""
