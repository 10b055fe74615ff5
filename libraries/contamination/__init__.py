"""What the contamination keywords share: the planted secrets of the run, the searches, and the probing worker."""
