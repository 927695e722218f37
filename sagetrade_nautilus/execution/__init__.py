"""Orders on their way: the order manager, micro-trades and the protection of what they bought."""
