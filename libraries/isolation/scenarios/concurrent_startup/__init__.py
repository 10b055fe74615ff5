"""The experiments of ``suites/concurrent_startup``."""
