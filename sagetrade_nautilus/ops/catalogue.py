"""Every metric that a node tells, in one list. Alert rules, dashboards and docs/metrics.md are held to it by tests.

Labels take their values from the run's configuration or from closed lists in the code, so the number of time series is
bounded by what is configured and does not grow with time.
"""

from typing import Final, Literal, NamedTuple

PREFIX: Final = "sagetrade_"
MILLISECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MINUTES: Final = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3_600.0, 14_400.0)


class Metric(NamedTuple):
    """A metric without its prefix: how it is called, what kind it is, its labels, and what it says.

    `bounds` are the upper ends of a histogram's buckets, in the metric's unit.
    """

    name: str
    kind: Literal["gauge", "counter", "histogram"]
    says: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def exposed(self) -> str:
        """The name that rules and dashboards use; a histogram's series add '_bucket', '_sum' and '_count' to it."""
        return f"{PREFIX}{self.name}{'_total' if self.kind == 'counter' else ''}"


METRICS: Final = (
    # The account; money is in the account's currency.
    Metric("info", "gauge", "always 1; its labels say what runs", ("run", "config", "code", "venue", "currency")),
    Metric("equity", "gauge", "what the account is worth"),
    Metric("day_pnl", "gauge", "equity less that at the start of the UTC day"),
    Metric("drawdown_ratio", "gauge", "the fall from the highest equity ever, of that, from 0 to 1"),
    Metric("loss_budget_left_ratio", "gauge", "the share of the day's loss budget that is left, from 0 to 1"),
    Metric("losses_in_a_row", "gauge", "losing trades since the last winning one"),
    Metric("balance", "gauge", "the account's total in a currency", ("currency",)),
    Metric("exposure", "gauge", "notional of the open positions", ("instrument", "strategy", "side")),
    Metric("unrealized_pnl", "gauge", "what open positions have won or lost so far", ("instrument", "strategy")),
    Metric("realized_pnl", "gauge", "what closed trades have won or lost since the start", ("strategy",)),
    Metric("open_positions", "gauge", "open positions", ("strategy",)),
    Metric("open_orders", "gauge", "orders that rest or are on their way"),
    Metric("reduce_only_instruments", "gauge", "instruments that are only reduced"),
    # What may trade.
    Metric("trading_state", "gauge", "0 running, 1 no entries, 2 reduce only, 3 halted"),
    Metric("breaker_tripped", "gauge", "rules of the circuit breaker that tripped and were not released"),
    Metric("limit_value", "gauge", "the value that a limit is held against", ("limit",)),
    Metric("limit_threshold", "gauge", "where that limit denies or trips", ("limit",)),
    Metric("strategy_enabled", "gauge", "1 where a strategy may enter", ("strategy",)),
    # Signals, texts and prices.
    Metric("signal_score", "gauge", "the newest composite's score, from -1 to 1", ("instrument",)),
    Metric("signal_confidence", "gauge", "its confidence, from 0 to 1", ("instrument",)),
    Metric("signal_age_seconds", "gauge", "its age", ("instrument",)),
    Metric("price", "gauge", "the last price", ("instrument",)),
    Metric("price_age_seconds", "gauge", "age of the last price, or how long the first is waited for", ("instrument",)),
    Metric("text_age_seconds", "gauge", "time since a text was last scored, or the start; of a run that reads texts"),
    # The node.
    Metric("started_timestamp_seconds", "gauge", "when the node started to trade, UNIX seconds of its own clock"),
    Metric("stopping", "gauge", "1 once the node was asked to stop"),
    Metric("client_connected", "gauge", "1 while a client is connected", ("client",)),
    Metric("queue_depth", "gauge", "messages that wait in a queue of the engines", ("queue",)),
    Metric("disk_free_bytes", "gauge", "free space where the journal stands"),
    Metric("experiments", "gauge", "experiments by state: 'active', or 'regressed' by their canary", ("state",)),
    # What happened since the start.
    Metric("order_events", "counter", "events in the lives of orders", ("event",)),
    Metric("denials", "counter", "orders that were held back, by the limit that did it", ("limit",)),
    Metric("decisions", "counter", "decisions of strategies, by what became of them", ("strategy", "verdict")),
    Metric("trades", "counter", "closed trades", ("strategy", "outcome")),
    Metric("reconciled_events", "counter", "events of orders that only a question to the venue brought to light"),
    Metric("silent_orders", "counter", "what was done about orders that the venue did not answer", ("deed",)),
    Metric("texts", "counter", "scored texts, one for each entity that one speaks of"),
    Metric("reconnects", "counter", "times that a client was connected again", ("client",)),
    # How long things take.
    Metric("order_latency_seconds", "histogram", "from an order's making to its sending ('submit'), from that to the "
           "venue's answer ('answer') and to its first fill ('fill')", ("stage",), MILLISECONDS),
    Metric("loop_lag_seconds", "histogram", "how late the event loop wakes what is due", (), MILLISECONDS),
    Metric("text_lag_seconds", "histogram", "from a text's publication to its score", (), MINUTES),
)  # fmt: skip
"""Beside these a node tells what `prometheus_client` knows of its process, as `sagetrade_process_…`: memory, processor
time, open files."""
BY_NAME: Final = {metric.name: metric for metric in METRICS}
