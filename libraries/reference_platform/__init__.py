"""A small, real multi-tenant WebSocket agent platform: the target that the suite brings along."""
