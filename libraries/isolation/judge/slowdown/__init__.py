"""Whether one tenant's load slows the others down: paired blocks, degradation, fairness."""
