"""The drill: the real guard in a simulated world where everything fails, from one seed."""
