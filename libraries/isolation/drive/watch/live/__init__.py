"""The monitor's numbers while a run goes on, for an operator's own tools (OpenMetrics)."""
