"""Processor, memory, handles and connections: quotas, leaks, noise, recovery."""
