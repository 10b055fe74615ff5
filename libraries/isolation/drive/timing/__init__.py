"""Time, exactly: waiting until a moment, and keeping the garbage collector out of what is measured."""
