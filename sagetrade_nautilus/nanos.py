"""How many nanoseconds there are in what times are said in: every time inside is an integer of them, since 1970 UTC."""

from typing import Final

NANOS_PER_MILLISECOND: Final = 1_000_000
NANOS_PER_SECOND: Final = 1_000 * NANOS_PER_MILLISECOND
NANOS_PER_MINUTE: Final = 60 * NANOS_PER_SECOND
NANOS_PER_HOUR: Final = 60 * NANOS_PER_MINUTE
NANOS_PER_DAY: Final = 24 * NANOS_PER_HOUR
