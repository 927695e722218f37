"""The quantitative signals of a stretch of the catalog, bit for bit as a run publishes them."""

from collections.abc import Iterator
from pathlib import Path

from nautilus_trader.model.identifiers import InstrumentId

from catalog.bartypes import BarSpec, parse_bar_spec
from catalog.columns import BarColumns
from catalog.store import available_range, read_bars
from catalog.times import iso
from catalog.window import Moment, Window, moment_ns, window_ns
from sagetrade_nautilus.config import QuantConfig
from sagetrade_nautilus.data import QuantSignal
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.quant import QuantModel
from sagetrade_nautilus.nanos import NANOS_PER_SECOND


def get_signals(
    symbol: str,
    window: Window,
    *,
    catalog: str | Path = "catalog/data",
    bar: str = "5-MINUTE-LAST",
    config: QuantConfig | None = None,
    run_start: Moment | None = None,
) -> list[QuantSignal]:
    """Return what the `QuantActor` publishes within `window` in a run that began at `run_start`.

    The bars of a window are those that lie wholly within it: they open at the start or later and close at the
    end or earlier, as in a run. A run knows nothing from before its start and is silent while it warms up, so
    the signals of a window depend on where the run began. With `run_start` left out that is the start of the
    window, and the result is that of a whole run; give an earlier one to have a window from the midst of a
    run, or to have the window warm from its first bar.

    Parameters
    ----------
    symbol : str
        'BTCUSDT', or 'BTCUSDT.BINANCE' where the catalog has it from several venues.
    window : Window
        ``(start, end)``, the end exclusive; or a length such as '30d' for the last 30 days that the catalog has.
    catalog : str or Path
        The catalog's folder.
    bar : str
        Bar specification.
    config : QuantConfig, optional
        Features and lengths; the defaults if left out.
    run_start : Moment, optional
        Where the run began, not after the start of the window.

    Raises
    ------
    DataError
        The catalog lacks the symbol or has no bars in the window, or `window`, `bar` or `run_start` make no sense.
    ConfigError
        `config` contradicts itself.
    """
    root, spec = Path(catalog), parse_bar_spec(bar)
    instrument_id = _find(root, symbol, spec)
    held = available_range(root, spec.bar_type(instrument_id))
    if held is None:
        raise _unknown(root, symbol, spec)
    start_ns, end_ns = window_ns(window, held[1])
    bars = _read(root, instrument_id, bar, (start_ns, end_ns), run_start, held)
    model = QuantModel(config or QuantConfig(), spec.step_ns / NANOS_PER_SECOND)
    signals = _drive(model, InstrumentId.from_str(instrument_id), bars)
    return [signal for signal in signals if signal.ts_event > start_ns]


def _read(
    root: Path,
    instrument_id: str,
    bar: str,
    window: tuple[int, int],
    run_start: Moment | None,
    held: tuple[int, int],
) -> BarColumns:
    """Return the bars from the start of the run to the end of the window, in which some must lie."""
    start_ns, end_ns = window
    warm_up_ns = start_ns if run_start is None else moment_ns(run_start)
    if warm_up_ns > start_ns:
        raise DataError(f"run_start {run_start} lies after the start of the window, {iso(start_ns)}")
    bars = read_bars(root, instrument_id, bar, warm_up_ns + 1, end_ns)
    if not (bars.ts > start_ns).any():
        raise DataError(
            f"catalog {root} has no bars of {instrument_id} {bar} from {iso(start_ns)} to {iso(end_ns)}; "
            f"it holds {iso(held[0])} to {iso(held[1])}"
        )
    return bars


def _drive(model: QuantModel, instrument_id: InstrumentId, bars: BarColumns) -> Iterator[QuantSignal]:
    columns = (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    for row in zip(*(column.tolist() for column in columns), strict=True):
        reading = model.update(*row)
        if reading is not None:
            yield QuantSignal(instrument_id, reading, row[0], row[0])


def _find(root: Path, symbol: str, spec: BarSpec) -> str:
    """Return the one instrument id that `symbol` means in the catalog."""
    if "." in symbol:
        return symbol
    found = [name.split("-")[0] for name in _bar_types(root, spec) if name.startswith(_stored(symbol) + ".")]
    if not found:
        raise _unknown(root, symbol, spec)
    if len(found) > 1:
        raise DataError(f"{symbol!r} may be {' or '.join(found)} in catalog {root}; name the venue too")
    return f"{symbol}.{found[0].rpartition('.')[2]}"


def _stored(symbol: str) -> str:
    return symbol.replace("/", "")


def _bar_types(root: Path, spec: BarSpec) -> list[str]:
    """Return the names of the bar types of `spec` in the catalog, in order."""
    folder = root / "data" / "bar"
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(f"-{spec.text}-EXTERNAL"))


def _unknown(root: Path, symbol: str, spec: BarSpec) -> DataError:
    names = ", ".join(name.removesuffix(f"-{spec.text}-EXTERNAL") for name in _bar_types(root, spec))
    return DataError(f"catalog {root} has no {spec.text} bars of {symbol!r}; it has {names or 'none at all'}")
