"""What is written down: rows, alerts and audit log, the log file."""
