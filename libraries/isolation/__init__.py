"""The suite's engine: it drives a target, records what happened, judges the records and shows the verdicts."""
