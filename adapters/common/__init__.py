"""What every adapter needs to speak to somebody over a network."""
