"""The run in a terminal: a table of strategies, what costs took, and whether the signals mean anything."""

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sagetrade_nautilus.report.figures import Benchmark, Information, Metrics, Performance
from sagetrade_nautilus.report.text import duration, horizon, number, percent
from sagetrade_nautilus.report.words import verdict

COLUMNS = ("trades", "won", "before costs", "slippage", "fees", "net", "Sharpe", "max DD", "avg held")
NARROW_COLUMNS = COLUMNS[:6]
NARROW_BELOW = 112  # characters
TONES = {"good": "green", "bad": "red", "plain": "dim"}


def show(metrics: Metrics, console: Console) -> None:
    """Print the tables and the verdict to `console`."""
    console.print(render(metrics, console.width))


def render(metrics: Metrics, width: int = NARROW_BELOW) -> RenderableType:
    """Return everything that a terminal of `width` characters shows of a run.

    Names are data: markup in them is not interpreted.
    """
    columns = COLUMNS if width >= NARROW_BELOW else NARROW_COLUMNS
    parts: list[RenderableType] = [_strategies(metrics, columns)]
    if metrics.signal_quality.rows:
        parts.append(_information(metrics))
    parts.append(_verdict(metrics))
    return Group(*(Padding(part, (1, 0, 0, 0)) for part in parts))


def _strategies(metrics: Metrics, columns: tuple[str, ...]) -> Table:
    start = metrics.starting_balance
    span = f"{metrics.start[:10]} to {metrics.end[:10]}"
    table = Table(
        title=Text(f"{metrics.name}: {span}, {number(start, 0)} {metrics.currency} to start with"),
        caption="percentages are of the starting balance; before costs + slippage + fees = net",
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("strategy", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for name, part in metrics.per_strategy.items():
        table.add_row(Text(name), *_cells(part, start)[: len(columns)])
    table.add_section()
    table.add_row(Text("total", style="bold"), *_cells(metrics.total, start)[: len(columns)])
    table.add_row(Text("buy and hold", style="dim"), *_held(metrics.benchmark)[: len(columns)])
    return table


def _cells(part: Performance, start: float) -> list[Text]:
    share = 100.0 / start
    return [
        Text(f"{part.trades:,}"),
        Text(percent(part.win_rate_pct, 0)),
        Text(percent(part.pnl_before_costs * share, 2, signed=True)),
        Text(percent(-part.slippage_cost * share, 2, signed=True)),
        Text(percent(-part.fees * share, 2, signed=True)),
        _coloured(part.total_return_pct),
        Text(number(part.sharpe, 2)),
        Text(percent(part.max_drawdown_pct)),
        Text(duration(part.avg_duration_s)),
    ]


def _held(held: Benchmark) -> list[Text]:
    blank = Text("")
    return [
        *[blank] * 5,
        _coloured(held.total_return_pct),
        Text(number(held.sharpe, 2)),
        Text(percent(held.max_drawdown_pct)),
        blank,
    ]


def _information(metrics: Metrics) -> Table:
    quality = metrics.signal_quality
    table = Table(
        title="information coefficient: rank correlation of the score with the later return",
        caption=f"95% interval from {quality.bootstrap_samples:,} block bootstrap samples; * excludes 0; "
        f"edge: highest against lowest fifth, bps a trade; a round trip costs "
        f"{number(metrics.costs.assumed_round_trip_bps, 1)} bps",
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in ("horizon", "composite, 95% interval", "quant", "text", "text adds", "edge"):
        table.add_column(column, justify="right", no_wrap=True)
    found = {(row.signal, row.horizon_min): row for row in quality.rows if row.symbol == "all"}
    gains = {row.horizon_min: row for row in quality.text_adds}
    for edge in quality.edges:
        minutes = edge.horizon_min
        table.add_row(
            Text(horizon(minutes)),
            _coefficient(found.get(("composite", minutes)), interval=True),
            _coefficient(found.get(("quant", minutes))),
            _coefficient(found.get(("text", minutes))),
            _coefficient(gains.get(minutes)),
            Text(number(edge.edge_bps, 1, signed=True)),
        )
    return table


def _coefficient(row: Information | None, *, interval: bool = False) -> Text:
    if row is None:
        return Text("–")
    known = interval and row.low is not None
    bounds = f" [{number(row.low, 3, signed=True)}, {number(row.high, 3, signed=True)}]" if known else ""
    mark = "*" if row.excludes_zero else " "
    shown = f"{number(row.ic, 3, signed=True)}{bounds}{mark}"
    return Text(shown, style="" if row.excludes_zero else "dim")


def _verdict(metrics: Metrics) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    for sentence in verdict(metrics):
        table.add_row(Text("•", style=TONES[sentence.tone]), Text(sentence.text))
    return table


def _coloured(value: float) -> Text:
    return Text(percent(value, 2, signed=True), style="green" if value > 0 else "red" if value < 0 else "")
