"""What every text model offers, from a word list to a neural network."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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


class Embedder(Protocol):
    """Turns texts into vectors of length 1 whose dot product says how much alike they mean.

    Attributes
    ----------
    name : str
        The model's name and version; it goes into the run's fingerprint.
    """

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text, in the order of `texts`."""
        ...
