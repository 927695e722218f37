"""What an overview says as numbers: what has never come is late too, so that the alerts on ages see it."""

import msgspec

from sagetrade_nautilus.nanos import NANOS_PER_HOUR, NANOS_PER_SECOND
from sagetrade_nautilus.ops.gauges import samples
from sagetrade_nautilus.overview import LastPrice, Overview
from tests.support.node_views import WELL

RUNNING = msgspec.structs.replace(WELL, started_ns=WELL.ts - 8 * NANOS_PER_HOUR)


def told(seen: Overview) -> dict[tuple[str, ...], float]:
    return {(sample.name, *sample.labels): sample.value for sample in samples(seen)}


def test_an_instrument_that_never_had_a_price_is_as_old_as_the_node() -> None:
    seen = msgspec.structs.replace(
        RUNNING,
        prices=(
            LastPrice(instrument_id="HEARD", price=1.0, age_s=3.0),
            LastPrice(instrument_id="SILENT", price=None, age_s=None),
        ),
    )
    found = told(seen)
    assert (found["price_age_seconds", "HEARD"], found["price_age_seconds", "SILENT"]) == (3.0, 8 * 3_600.0)
    assert ("price", "SILENT") not in found


def test_a_text_is_as_old_as_its_scoring_is_long_ago() -> None:
    seen = msgspec.structs.replace(RUNNING, last_text_ns=RUNNING.ts - 60 * NANOS_PER_SECOND)
    assert told(seen)["text_age_seconds",] == 60.0
    assert ("text_age_seconds",) not in told(RUNNING)
