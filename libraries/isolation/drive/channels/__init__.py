"""How a session reaches the platform: WebSocket, HTTP, socket.io, or an adapter of the target's own."""
