"""What goes over a connection: frames as bytes, and writing many of them cheaply."""
