"""The gate: evidence, what it must show, the sealed days, and whether a proposal may be merged."""
