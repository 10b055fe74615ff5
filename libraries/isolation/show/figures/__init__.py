"""From records to the charts of the log."""
