"""What people need who write scenarios and do not program: the phrase book as a page, and a check without a platform."""
