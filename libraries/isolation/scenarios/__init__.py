"""The experiments: each module drives one and returns its record, without knowing Robot, and without judging."""
