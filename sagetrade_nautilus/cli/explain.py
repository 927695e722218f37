"""`sagetool explain`: one trade, from its fills back to the headlines behind it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from sagetrade_nautilus.cli import stops
from sagetrade_nautilus.cli.journal import raise_if_broken
from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal import journal
from sagetrade_nautilus.guard.journal.explain import Evidence, Explanation, OrderStory
from sagetrade_nautilus.guard.journal.explain import explain as find
from sagetrade_nautilus.guard.journal.records import JournalRecord, OrderRecord
from sagetrade_nautilus.guard.journal.stops import stops as find_stops
from sagetrade_nautilus.report.order import newest_first
from sagetrade_nautilus.report.text import number
from sagetrade_nautilus.report.trade_log import iso, utc
from sagetrade_nautilus.run.files import JOURNAL

BREAKER = "breaker"
DIGEST_CHARS = 12
GUIDE, ROOM_MIN = 4, 20
"""Columns that a level of the tree takes, and those that a line has at least."""
QUIET = frozenset({"initialized", "filled", "partially_filled"})
"""Events that are shown as the order itself or as a fill."""


def explain(
    trade_id: Annotated[
        str, typer.Argument(help="The trade, as trades.jsonl has it: momentum_scalper-0001; or 'breaker', for stops.")
    ],
    run: Annotated[
        Path | None, typer.Option("--run", help="The report's folder; the last written below runs/ if left out.")
    ] = None,
) -> None:
    """Say why a trade was made: fills, orders, decision, score, its parts, and the headlines with their addresses.

    `sagetool explain breaker` says when trading was stopped, which number did it, and how far every limit was.

    The journal is verified first. Exits with code 8 if it does not hold, or knows no such trade.

    Example: sagetool explain momentum_scalper-0001
    """
    path, chosen = (run / JOURNAL, "") if run is not None else newest_journal(Path("runs"))
    checked = journal.check(path)
    raise_if_broken(path, checked)
    console = Console(highlight=False)
    shown = plain(str(path), console.encoding)
    records = journal.read(path)
    if trade_id == BREAKER:
        console.print(stops.render(*find_stops(records), console.encoding))
    else:
        tree = render(_found(trade_id, records, f"{shown}{chosen}"), console.encoding)
        width = fold(tree, console, console.width)
        Console(highlight=False, width=width).print(tree)
    end = "; its last line is unfinished" if checked.unfinished_bytes else ""
    console.print(Text(f"from {shown}{chosen}, which was verified{end}", style="dim"))


def newest_journal(runs: Path) -> tuple[Path, str]:
    """Return the journal of the report below `runs` that was written last, and what to say of the choice.

    Reports of replays lie a folder deeper than those of backtests.

    Raises
    ------
    JournalError
        There is none, or there are several of which none was noted as it was written: a person must say which.
    """
    found = {
        path.parent: path
        for path in sorted(runs.rglob(JOURNAL))
        if not any(part.startswith(".") for part in path.relative_to(runs).parts)
    }
    if not found:
        raise JournalError(f"{runs}: no run with a {JOURNAL} there; name its folder with --run")
    if len(found) == 1:
        return next(iter(found.values())), ""
    newest = next((folder for folder in newest_first(runs) if folder in found), None)
    if newest is None:
        names = ", ".join(map(str, found))
        raise JournalError(f"{runs}: which of these runs is the newest was not noted: {names}; name one with --run")
    return found[newest], f" (the last written of {len(found)} below {runs}; --run names another)"


def _found(trade_id: str, records: list[JournalRecord], where: str) -> Explanation:
    try:
        return find(trade_id, records)
    except JournalError as error:
        raise JournalError(f"{where}: {error}") from None


def render(found: Explanation, encoding: str = "utf-8") -> Tree:
    """Return the explanation as a tree. Whatever others wrote is shown as plain text."""
    show = _Show(encoding)
    decision = found.decision
    result = Tree(show.line(f"{decision.trade_id}: {decision.side} {decision.instrument_id}", "bold"))
    _add_orders(result, found, show)
    _add_decision(result, found, show)
    _add_score(result, found, show)
    origin = result.add(show.line("run", "bold"))
    origin.add(show.line(f"{found.run.name}, data from {iso(found.run.ts)}, trader {found.run.trader}"))
    origin.add(show.line(f"configuration {found.run.config_digest[:DIGEST_CHARS]}, code {found.run.code_version}"))
    return result


def fold(tree: Tree, console: Console, room: int) -> int:
    """Fold the lines of `tree` to `room` columns, but for addresses, which stay whole; return how wide it is now."""
    label = cast("Text", tree.label)
    if not label.no_wrap:
        tree.label = Text("\n").join(label.wrap(console, max(room, ROOM_MIN)))
    widest = label.cell_len if label.no_wrap else room
    return max(room, widest, *(GUIDE + fold(child, console, room - GUIDE) for child in tree.children))


class _Show:
    """Turns words into text for one terminal."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding

    def line(self, text: str, style: str = "", *, whole: bool = False) -> Text:
        return Text(plain(text, self._encoding), style=style, no_wrap=whole)


def _add_orders(result: Tree, found: Explanation, show: _Show) -> None:
    fills = sum(len(order.fills) for order in found.orders)
    branch = result.add(show.line(f"fills and orders ({fills} fills, {len(found.orders)} orders)", "bold"))
    for order in found.orders:
        node = branch.add(show.line(_asked(order)))
        for fill in order.fills:
            node.add(show.line(_fill(fill), "green"))
        rest = [event for event in order.events if event.event not in QUIET]
        if rest:
            node.add(show.line(", ".join(_event(event) for event in rest), "dim"))
    for cut in found.cuts:
        branch.add(
            show.line(f"{cut.client_order_id} cut by the guard from {_amount(cut.asked)} to {_amount(cut.quantity)}")
        )
    for denial in found.denials:
        branch.add(show.line(f"{denial.client_order_id} held back by the guard: {denial.reason}", "red"))


def _asked(order: OrderStory) -> str:
    asked = order.asked
    if asked is None:
        return f"{order.role} {order.client_order_id}"
    at = [f"at {_amount(asked.price)}" if asked.price is not None else ""]
    at.append(f"trigger {_amount(asked.trigger_price)}" if asked.trigger_price is not None else "")
    words = (asked.side, asked.order_type, _amount(asked.quantity), *at)
    return f"{order.role}: {' '.join(word for word in words if word)} ({order.client_order_id})"


def _fill(fill: OrderRecord) -> str:
    fee = f"fee {_amount(fill.commission)} {fill.currency}"
    return f"{iso(fill.ts)} {fill.event} {_amount(fill.last_qty)} at {_amount(fill.last_px)}, {fee}, {fill.liquidity}"


def _event(event: OrderRecord) -> str:
    return f"{event.event} {utc(event.ts):%H:%M:%S}" + (f" ({event.reason})" if event.reason else "")


def _add_decision(result: Tree, found: Explanation, show: _Show) -> None:
    decision = found.decision
    branch = result.add(show.line(f"decision {iso(decision.ts)} by {decision.strategy}", "bold"))
    _add_all(
        branch,
        show,
        [
            f"reason: {decision.reason}",
            f"verdict: {decision.verdict.value}: {decision.why}",
            f"edge {number(decision.expected_edge_bps, 1)} bps expected, cost {number(decision.cost_bps, 1)} bps",
            f"size {number(decision.size_pct)}% wished, share {number(decision.share)} by policy row "
            f"{decision.policy_row}, notional {number(decision.notional)} of equity {number(decision.equity)}",
            f"price {_amount(decision.price)}, regime {decision.regime}, "
            f"volatility {number(decision.volatility * 100.0)}% an hour",
        ],
    )


def _add_score(result: Tree, found: Explanation, show: _Show) -> None:
    decision = found.decision
    head = f"composite score {_signed(decision.score)}, confidence {number(decision.confidence, 3)}"
    branch = result.add(show.line(head, "bold"))
    for part in found.evidence:
        _add_part(branch, part, show)


def _add_part(branch: Tree, part: Evidence, show: _Show) -> None:
    component = part.component
    node = branch.add(
        show.line(
            f"{component.name}: value {number(component.value, 3)}, score {_signed(component.score)} "
            f"x weight {number(component.weight, 4)} = {_signed(part.contribution)}"
        )
    )
    for text in part.texts:
        headline = node.add(show.line(f"{iso(text.published)} {text.source}: {text.title}"))
        for address in (text.url or "no address", *text.also_at):
            headline.add(show.line(address, "dim", whole=True))
    if part.missing:
        node.add(show.line(f"not in the journal: {', '.join(part.missing)}", "red"))


def _add_all(branch: Tree, show: _Show, lines: Iterable[str]) -> None:
    for line in lines:
        branch.add(show.line(line))


def _signed(value: float) -> str:
    return number(value, 4, signed=True)


def _amount(value: float | None) -> str:
    """Return a price or a quantity with all its digits, up to eight decimals."""
    return "?" if value is None else f"{value:,.8f}".rstrip("0").rstrip(".")
