"""Whether the clock was set while the process ran."""


class ClockSteps:
    """Holds the wall clock against one that cannot be set.

    Parameters
    ----------
    wall_ns, monotonic_ns : int
        Both clocks now, in nanoseconds.
    """

    def __init__(self, wall_ns: int, monotonic_ns: int) -> None:
        self._offset_ns = wall_ns - monotonic_ns

    def step_ms(self, wall_ns: int, monotonic_ns: int) -> float:
        """Return by how many milliseconds the wall clock was set since the last look; negative is backwards."""
        offset_ns = wall_ns - monotonic_ns
        step_ns, self._offset_ns = offset_ns - self._offset_ns, offset_ns
        return step_ns / 1_000_000
