"""What the suite's own instruments can do, measured beside others in the same run: ``python -m benchmarks`` in ``tests/``."""
