"""What was seen of the agents of many users: who made, used, listed and removed which, and what arrived where."""
