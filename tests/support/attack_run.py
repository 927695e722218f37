"""One backtest of the whole chain, under attack or not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
from nautilus_trader.model.data import CustomData, DataType
from nautilus_trader.model.identifiers import ClientId

from actors.aggregator import AggregatorActor, AggregatorActorConfig
from actors.news import NewsActor, NewsActorConfig
from actors.nlp import NlpActor, NlpActorConfig
from actors.quant import QuantActor, QuantActorConfig
from sagetrade_nautilus.config import AggregatorConfig, LimitConfig, QuantConfig, QuantFeature, TextConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, CompositeSignal, RawText
from strategies.mean_reversion_scalper import MeanReversionScalper, MeanReversionScalperConfig
from strategies.momentum_scalper import MomentumScalper, MomentumScalperConfig
from strategies.news_quick_trade import NewsQuickTrade, NewsQuickTradeConfig
from tests.support.attacks import Attack, HostileModel
from tests.support.engine import BTC, VENUE, bars, engine, walk

LIMITS = LimitConfig(max_open_trades=2, max_order_notional_pct=25.0, max_exposure_pct=40.0)
TEXT = TextConfig()
AGGREGATOR = AggregatorConfig()
QUANT = QuantConfig(
    features=[QuantFeature(kind="return", length=3, weight=-0.5), QuantFeature(kind="rsi", length=5, weight=-0.5)],
    volatility_length=10,
    regime_length=12,
    trend_length=10,
    min_change=0.0,
)
CLOSES = walk(120)


@dataclass
class AttackedRun:
    """What a run left behind.

    Parameters
    ----------
    composites : dict[int, CompositeSignal]
        By time.
    types : set[str]
        Of all messages on the bus.
    entries : list[Order]
        Orders that open, those denied too.
    open_peak : int
        Positions that were open at one time, at most.
    journal : bytes
        All of it.
    counts : dict[str, int]
        The news actor's.
    refused : int
        Texts whose score was dropped.
    balance : float
        At the end.
    """

    composites: dict[int, CompositeSignal] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)
    entries: list[Any] = field(default_factory=list)
    open_peak: int = 0
    journal: bytes = b""
    counts: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    balance: float = 0.0


def _strategies() -> list[Any]:
    shared = {"oms_type": "HEDGING", "instruments": [BTC], "round_trip_bps": 0.0}
    made: list[Any] = []
    for number, (strategy, config) in enumerate(
        [
            (MomentumScalper, MomentumScalperConfig),
            (MeanReversionScalper, MeanReversionScalperConfig),
            (NewsQuickTrade, NewsQuickTradeConfig),
        ],
        start=1,
    ):
        label = strategy.__name__
        made.append(strategy(config(order_id_tag=f"{number:03d}", label=label, **shared)))
    return made


def attacked(
    folder: Path, texts: Sequence[RawText], model: HostileModel | None = None, *, strategies: bool = True
) -> AttackedRun:
    """Run the chain over a random walk with `texts`, scored by `model`, and return what it left behind."""
    folder.mkdir(parents=True, exist_ok=True)
    made = engine(folder, limits=LIMITS)
    made.add_data(bars(CLOSES))
    if texts:
        made.add_data([CustomData(DataType(RawText), text) for text in texts], client_id=ClientId(NEWS_CLIENT_ID))
    run = AttackedRun()
    bar_type = f"{BTC}-5-MINUTE-LAST-EXTERNAL"
    quant = QuantActorConfig(component_id="quant", bar_types=(bar_type,), quant=msgspec.to_builtins(QUANT))
    aggregator = AggregatorActorConfig(
        component_id="aggregator", entities={BTC: ["BTC", "CRYPTO"]}, aggregator=AGGREGATOR, text=TEXT
    )
    news = NewsActor(NewsActorConfig(component_id="news", text=TEXT))
    with mock.patch("actors.nlp.create_model", return_value=model):
        nlp = NlpActor(NlpActorConfig(component_id="nlp"))
    for actor in (QuantActor(quant), news, nlp, AggregatorActor(aggregator)):
        made.add_actor(actor)
    if strategies:
        made.add_strategies(_strategies())

    def hear(message: Any) -> None:
        run.types.add(type(message).__name__)
        run.open_peak = max(run.open_peak, made.cache.positions_open_count())
        if isinstance(message, CompositeSignal):
            run.composites[message.ts_init] = message

    made.kernel.msgbus.subscribe("*", hear)
    made.run()
    run.entries = [order for order in made.cache.orders() if order.tags and "entry" in order.tags[1]]
    run.counts, run.refused = news.counts, nlp.refused
    run.balance = made.cache.account_for_venue(VENUE).balance_total().as_double()
    made.dispose()
    run.journal = (folder / "decisions.jsonl").read_bytes()
    return run


def cap(attack: Attack) -> float:
    """Return how far texts of the attack's sources may move the composite score."""
    total = AGGREGATOR.quant_weight + AGGREGATOR.text_weight
    share = min(1.0, TEXT.source_cap * len(set(attack.sources)))
    return AGGREGATOR.text_weight / total * share


def largest_change(run: AttackedRun, calm: AttackedRun) -> float:
    """Return the largest difference of the composite score from that of a run without texts."""
    before = sorted(calm.composites)
    largest, position = 0.0, 0
    for ts in sorted(run.composites):
        while position + 1 < len(before) and before[position + 1] <= ts:
            position += 1
        largest = max(largest, abs(run.composites[ts].score - calm.composites[before[position]].score))
    return largest
