"""What suite files say without being run."""
