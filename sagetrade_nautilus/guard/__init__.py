"""The guard: what stands between a wish to trade and the venue, and what remembers every decision."""
