"""Memory, handles and connections that are not given back, and tenants that run away."""
