"""The load engine: sessions, plans and campaigns."""
