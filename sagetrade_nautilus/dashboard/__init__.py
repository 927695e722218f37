"""The local dashboard: a page on this machine that shows nodes, runs and experiments, and can stop what trades."""
