"""The tenant endpoint: handshakes, frames, and from a frame to its handler."""
