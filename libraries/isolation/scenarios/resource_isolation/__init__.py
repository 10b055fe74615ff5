"""The experiments of ``suites/resource_isolation``."""
