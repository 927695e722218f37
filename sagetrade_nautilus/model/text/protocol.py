"""What every text model offers, from a word list to a neural network."""

from collections.abc import Sequence
from typing import Protocol

from sagetrade_nautilus.model.readings import TextScore


class TextModel(Protocol):
    """Turns texts into bounded numbers, the same numbers for the same text whatever else stands in the batch.

    Attributes
    ----------
    name : str
        The model's name and version; it goes into the run's fingerprint.
    """

    @property
    def name(self) -> str: ...

    def analyse(self, items: Sequence[str]) -> list[TextScore]:
        """Return one score per item, in the order of `items`."""
        ...
