"""The same run with its texts, without them, and with the same texts too late, each in a process of its own."""

import tempfile
from pathlib import Path
from typing import Final

import msgspec

from catalog.variants import shifted
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.nanos import NANOS_PER_DAY
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.checks.apart import processes
from sagetrade_nautilus.run.compose import reads_text
from sagetrade_nautilus.run.files import JOURNAL

LATE_DAYS: Final = 7


def text_runs(config: RunConfig) -> tuple[RunSummary, RunSummary, RunSummary]:
    """Run `config` as it is, with its texts left out, and with every text `LATE_DAYS` days late; return all three.

    The last is the placebo: as many texts with as much weight, and nothing new in them. Leaving texts out also gives
    their weight to prices, which makes scores larger; that alone changes what is traded.

    Raises
    ------
    ConfigError
        It reads no texts as it is.
    SageTradeError
        One of the runs fails.
    """
    if not reads_text(config):
        raise ConfigError(
            "the run reads no texts: `data.texts` or `text.enabled` is off, or `text_weight` is 0; switch them on"
        )
    backtest.prepare(config)
    without = msgspec.structs.replace(config, text=msgspec.structs.replace(config.text, enabled=False))
    with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
        catalog = Path(scratch) / "late"
        shifted(Path(config.data.catalog), catalog, 0, LATE_DAYS * NANOS_PER_DAY)
        data = msgspec.structs.replace(config.data, catalog=str(catalog), sample=False)
        late = msgspec.structs.replace(config, data=data)
        with processes(3) as pool:
            first, second, third = (pool.submit(_summary, run) for run in (config, without, late))
            return first.result(), second.result(), third.result()


def _summary(config: RunConfig) -> RunSummary:
    with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
        return backtest.run(config, Path(scratch) / JOURNAL)
