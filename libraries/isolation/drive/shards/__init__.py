"""Several load engines that act as one: child processes of this machine, or workers of a cluster."""
