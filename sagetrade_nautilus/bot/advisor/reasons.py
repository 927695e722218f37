"""Why a trade was made, and why it ended: from the decision behind it and what closed it."""

from typing import Final

from sagetrade_nautilus.bot.advisor.analysis import PARTS_SHOWN, made_of
from sagetrade_nautilus.bot.advisor.facts import Facts, contribution
from sagetrade_nautilus.bot.advisor.question import Question
from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.guard.journal.trades import JournaledTrade
from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.model.records import ENTRY, read_tags
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

EXITS: Final = frozenset(
    {
        "take_profit",
        "stop_loss",
        "time_exit",
        "partial_fill",
        "late_fill",
        "unprotected",
        "restart",
        "leg_failed",
        "flatten",
        "plugin",
    }
)
"""What a closing order may be for, of what the catalogue has words for."""


def why(question: Question, facts: Facts, show: Show) -> tuple[str, list[str], list[str]]:
    """Return headline, lines and quotes of the answer to why a trade was made or ended."""
    trade = facts.trade
    if trade is None:
        key = "why.unknown_trade" if question.trade_id else f"why.none_{question.side or 'any'}"
        hint = [show.text("why.hint")] if question.trade_id else []
        return show.text(key, trade=question.trade_id, name=question.symbol or ""), hint, []
    made = trade.decision
    body = [*_fills(trade, facts, show)]
    if trade.closed is not None:
        body.append(_end(trade, facts, show))
    if made is not None:
        body += _evidence(made, show)
    quotes = [show.text("quote.strategy", reason=made.reason)] if made is not None else []
    body.append(show.text("why.more", trade=trade.trade_id))
    return _headline(trade, question, show), body, quotes


def _headline(trade: JournaledTrade, question: Question, show: Show) -> str:
    """Say what is meant: the entry, or, where the deal asked for closed the trade, its end."""
    asked = [read_tags(fill) for fill in trade.orders if question.side in (None, fill.side)]
    name = _name(trade)
    if asked and asked[-1].role != ENTRY:
        return show.text(f"ended.{_exit(asked[-1].purpose)}", name=name, trade=trade.trade_id)
    made = trade.decision
    if made is None:
        return show.text("why.no_decision", name=name, trade=trade.trade_id)
    return show.text(
        "why.entered",
        name=name,
        trade=trade.trade_id,
        side=show.word("side", made.side),
        strategy=made.strategy,
        score=show.score(made.score),
        confidence=show.share(made.confidence),
    )


def _fills(trade: JournaledTrade, facts: Facts, show: Show) -> list[str]:
    return [
        show.text(
            "line.fill",
            side=show.word("side", fill.side),
            quantity=show.amount(fill.last_qty),
            price=show.price(fill.last_px),
            role=show.word("role", read_tags(fill).purpose),
            age=show.span((facts.ts - fill.ts) / NANOS_PER_SECOND),
        )
        for fill in trade.orders[:PARTS_SHOWN]
    ]


def _end(trade: JournaledTrade, facts: Facts, show: Show) -> str:
    made = None if trade.closed is None else trade.closed.counted_in(facts.currency)
    net, fees = (None, None) if made is None else (made.net_pnl, made.fees)
    return show.text(
        "line.net", net=show.money(net, facts.currency, signed=True), fees=show.money(fees, facts.currency)
    )


def _evidence(made: DecisionRecord, show: Show) -> list[str]:
    """Return what the decision was made on: score, parts, edge against costs, and the market."""
    parts = sorted((part for part in made.signals if contribution(part)), key=lambda part: -abs(contribution(part)))
    lines = [show.text("line.then", score=show.score(made.score), confidence=show.share(made.confidence))]
    if parts:
        lines.append(made_of(parts[:PARTS_SHOWN], show))
    edge, cost = show.bps(made.expected_edge_bps), show.bps(made.cost_bps)
    lines.append(show.text("line.edge", edge=edge, cost=cost))
    regime = show.word("regime", made.regime)
    return [*lines, show.text("line.market_then", regime=regime, price=show.price(made.price))]


def _exit(purpose: str) -> str:
    return purpose if purpose in EXITS else "other"


def _name(trade: JournaledTrade) -> str:
    instrument = trade.decision.instrument_id if trade.decision is not None else trade.fills[0].instrument_id
    return instrument.rpartition(".")[0]
