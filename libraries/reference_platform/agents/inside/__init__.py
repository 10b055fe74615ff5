"""What runs inside an agent's process: it loads the standard library only."""
