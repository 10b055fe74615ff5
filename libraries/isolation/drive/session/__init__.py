"""What a session is made of: the way to the target, its channels, its requests under way, its ids, its heartbeat."""
