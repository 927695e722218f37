"""The world outside: simulated and real venues, feeds, language models."""
