"""The records of the experiments in ``suites/resource_isolation``."""
