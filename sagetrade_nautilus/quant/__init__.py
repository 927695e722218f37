"""The batch side of the quantitative signals: the numbers of a run, computed from the catalog without one."""
