"""What a node lets in of all that stands in its streams: texts, and scores, each on its own topic and read strictly.

A score on the topic that the aggregator hears, or any other message of the node's own, would pass by all that bounds
what strangers say.
"""

from collections.abc import Callable, Mapping
from typing import Final

from nautilus_trader.core.data import Data

from adapters.messaging.wire import RAW_TEXT_TOPIC, SCORED_TOPIC, unpack
from sagetrade_nautilus.data import RawText, TextSignal
from sagetrade_nautilus.errors import MessagingError
from sagetrade_nautilus.telling import is_told

ADMITTED: Final[dict[bytes | None, tuple[str, type[RawText] | type[TextSignal]]]] = {
    RAW_TEXT_TOPIC.encode(): (RAW_TEXT_TOPIC, RawText),
    SCORED_TOPIC.encode(): (SCORED_TOPIC, TextSignal),
}


class Door:
    """Hands to the node what is admitted of the entries that it is shown.

    Parameters
    ----------
    admit : callable
        Takes the topic and the message.
    tell : callable
        Takes a line about what was refused: the first, the second, the fourth, the eighth and so on.

    Attributes
    ----------
    refused : int
        How many entries held anything else.
    """

    def __init__(self, admit: Callable[[str, Data], None], tell: Callable[[str], None]) -> None:
        self._admit, self._tell = admit, tell
        self.refused = 0

    def __call__(self, fields: Mapping[bytes, bytes]) -> None:
        """Look at the fields of an entry."""
        if fields.get(b"topic") not in ADMITTED:
            return self._refuse("its topic is not one of ours")
        topic, kind = ADMITTED[fields[b"topic"]]
        try:
            data = unpack(fields, kind)
        except MessagingError as error:
            return self._refuse(str(error))
        self._admit(topic, data)

    def _refuse(self, why: str) -> None:
        self.refused += 1
        if is_told(self.refused):
            self._tell(f"entries from Redis that were not let in: {self.refused:,}; the last: {why}")
