"""The records of the experiments in ``suites/concurrent_startup``."""
