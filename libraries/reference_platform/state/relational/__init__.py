"""What is kept in PostgreSQL: tables, row security, the gateway's pool, leased connections."""
