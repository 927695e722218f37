"""Models of the simulated venue: fills, fees and latency."""
