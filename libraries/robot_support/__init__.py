"""What the keyword libraries share: the run, the scenario, evidence, failures and converters. Robot is known here, not in the engine."""
