"""Load clients against one echo server."""
