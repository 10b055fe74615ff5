"""The database as operator and tenants see it."""
