"""From records to verdicts: pure functions, without clock, socket, file or chance. Callers import the modules."""
