"""Whether requests, answers and events went to whom they belong, and in time."""
