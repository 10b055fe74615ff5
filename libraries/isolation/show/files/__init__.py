"""Files of a run: written whole or not at all, never through a link, and all of them listed with their checksums."""
