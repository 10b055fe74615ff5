"""Reading a target file: with the line of every mistake, and with nothing taken in silence."""
