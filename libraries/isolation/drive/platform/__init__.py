"""Getting hold of a platform: starting it, making tenants, cleaning up."""
