"""What is left of tenants that crashed, left or were removed, and whether the platform serves again."""
