"""What passed over connections: requests, answers, frames, events."""
