"""What a run is told before it starts: profile, limits, promises, environment variables; all checked on load."""
