"""Reading the stores of a target, and the memory of its processes."""
