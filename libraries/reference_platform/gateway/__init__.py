"""The gateway: sessions, requests and their way to the agents."""
