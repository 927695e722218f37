"""The names of the files in a run's folder."""

from typing import Final

SIGNALS: Final = "signals.jsonl"
JOURNAL: Final = "decisions.jsonl"
LATCH: Final = "latch.json"
CONTROL: Final = "control"
