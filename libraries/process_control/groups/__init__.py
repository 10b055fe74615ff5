"""Control groups of the kernel: which there are, private ones with quotas and counters, versions 1 and 2."""
