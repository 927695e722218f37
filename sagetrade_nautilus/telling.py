"""How often a fault that repeats is told."""


def is_told(count: int) -> bool:
    """Tell whether the `count`-th of its kind gets a line: the first, second, fourth, eighth and so on."""
    return count & (count - 1) == 0
