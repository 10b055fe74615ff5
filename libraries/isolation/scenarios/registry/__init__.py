"""Experiments on the registry of agents: who has which agent, who reaches it, where its events go, what is left of it."""
