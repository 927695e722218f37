"""The trades of a report's log."""

from pathlib import Path

import msgspec

from sagetrade_nautilus.model.records import TradeRecord


def trades_in(path: Path) -> list[TradeRecord]:
    """Return the trades of a log; what is none is an error of msgspec's."""
    return msgspec.json.Decoder(TradeRecord).decode_lines(path.read_bytes())
