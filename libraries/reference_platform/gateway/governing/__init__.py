"""What the governor is told, and what it commands."""
