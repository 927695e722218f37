"""What every limit answers, and the shape that most of them share."""

from typing import ClassVar, Protocol

from sagetrade_nautilus.guard.gate.book import Moment, ProposedOrder
from sagetrade_nautilus.guard.standing import Denial


class Limit(Protocol):
    """One rule that an order must pass."""

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        """Return why `order` may not leave, or ``None``."""
        ...


class Ceiling:
    """A limit on one number: no order leaves that takes it above `threshold`, or to what is no number."""

    name: ClassVar[str]
    of_order: ClassVar[bool] = False
    """Whether the number is one of the order alone, so that without one there is nothing to say."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    def value(self, order: ProposedOrder, now: Moment) -> float:
        """Return what the number would be with `order` on its way."""
        raise NotImplementedError

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        value = self.value(order, now)
        return None if value <= self.threshold else Denial(self.name, value, self.threshold)
