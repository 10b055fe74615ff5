"""What earlier runs said: the trend of a number, and two runs beside each other."""

from isolation.show.history.runs import History, KeyValue, RunLine, append_run, load_history, run_line

__all__ = ["History", "KeyValue", "RunLine", "append_run", "load_history", "run_line"]
