"""What tenants and the platform used and held at one moment."""
