"""Whether somebody got in, or at something, that is not theirs: tokens, doors, incidents."""
