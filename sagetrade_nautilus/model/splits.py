"""Walk-forward: what was known by then, and the days on which it is put to the test."""


def walk_forward(n_days: int, folds: int, purge: int = 0, embargo: int = 0) -> list[tuple[range, range]]:
    """Cut days into windows of test, each with all days before it to learn from, less a gap.

    Source: M. Lopez de Prado, Advances in Financial Machine Learning, 2018, sections 7.4 and 12.2. A trade that was
    begun on a day of learning may still be open in the window (purging), and what is measured over many days carries on
    into it (embargo), so that many days right before each window belong to neither.

    Parameters
    ----------
    n_days : int
        How many days there are.
    folds : int
        How many windows, at least 1. They are of one length; the days before the first are as many, or more.
    purge, embargo : int
        Days of the gap, by what they are for.

    Returns
    -------
    list[tuple[range, range]]
        The indices of the days to learn from and of those to test on, in the order of time.

    Raises
    ------
    ValueError
        There are too few days, or a number is negative.
    """
    if folds < 1 or purge < 0 or embargo < 0:
        raise ValueError(f"a walk-forward needs 1 fold or more and no negative gap, not {folds}, {purge}, {embargo}")
    length = n_days // (folds + 1)
    gap = purge + embargo
    if length <= gap:
        raise ValueError(
            f"{n_days} days cannot be cut into {folds} windows, each after a gap of {gap} days; take fewer or more days"
        )
    first = n_days - folds * length
    return [(range(start - gap), range(start, start + length)) for start in range(first, n_days, length)]
