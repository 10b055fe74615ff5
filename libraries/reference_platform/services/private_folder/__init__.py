"""The private folder in which servers live: locked while its owner lives, guarded, swept, with enough space."""
