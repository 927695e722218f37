"""A node: its folder, its clients, its memory, and what stands beside its strategies."""
