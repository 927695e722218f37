"""Of what workers send, a node lets in only bounded scores of its own items, each once."""

from collections.abc import Callable

from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig
from nautilus_trader.model.data import CustomData, DataType
from nautilus_trader.model.identifiers import ClientId

from actors.news import NewsActor, NewsActorConfig
from actors.remote import RemoteNlpActor, RemoteNlpActorConfig
from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, SCORED, RawText, TextItem, TextSignal, bus_topic

SECOND = 1_000_000_000
T0 = 1_650_000_000 * SECOND
Answers = Callable[[TextItem], list[TextSignal]]


def answer(item: TextItem, **changes: object) -> TextSignal:
    fields: dict[str, object] = {
        "entity": "BTC",
        "sentiment": 0.5,
        "confidence": 0.5,
        "event": "other",
        "impact_score": 0.5,
        "source": "forged",
        "item_id": item.item_id,
        "url": "https://forged",
    }
    return TextSignal(1, 2, **{**fields, **changes})


class Workers(Actor):
    """Answers each item, and keeps what the node then lets in."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self._answers = answers
        self._items: list[TextItem] = []
        self.let_in: list[TextSignal] = []

    def on_start(self) -> None:
        self.msgbus.subscribe(bus_topic(DataType(TextItem)), self._items.append)
        self.msgbus.subscribe("data.TextSignal.entity=*", self.let_in.append)
        self.clock.set_time_alert_ns("answer", T0 + 5 * SECOND, self._answer)

    def _answer(self, event: object) -> None:
        for item in self._items:
            for signal in self._answers(item):
                self.publish_data(SCORED, signal)


def play(
    answers: Answers, *titles: str, items_max: int = 10, max_age_min: float = 60.0
) -> tuple[list[TextSignal], dict[str, int]]:
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    workers, remote = (
        Workers(answers),
        RemoteNlpActor(RemoteNlpActorConfig(items_max=items_max, text=TextConfig(max_age_min=max_age_min))),
    )
    for actor in (workers, NewsActor(NewsActorConfig(text=TextConfig(ingest_latency_s=1.0))), remote):
        engine.add_actor(actor)
    texts = [
        RawText(T0 + n, T0 + n, source="Wire", title=title, body="", url="https://x/y", first_seen_known=False)
        for n, title in enumerate(titles or ("Bitcoin and Ethereum soar",))
    ]
    engine.add_data([CustomData(DataType(RawText), text) for text in texts], client_id=ClientId(NEWS_CLIENT_ID))
    engine.run(end=T0 + 10 * SECOND)
    counts = dict(remote.counts)
    engine.dispose()
    return workers.let_in, counts


def test_a_score_is_let_in_with_everything_else_from_the_nodes_own_item() -> None:
    [signal], counts = play(lambda item: [answer(item)])
    assert (signal.entity, signal.sentiment, signal.impact_score) == ("BTC", 0.5, 0.5)
    assert (signal.source, signal.url, signal.ts_event) == ("Wire", "https://x/y", T0)
    assert signal.ts_init == T0 + 5 * SECOND
    assert counts == {"used": 1, "refused": 0, "late": 0, "given_up": 0}


def test_each_entity_counts_once() -> None:
    signals, counts = play(lambda item: [answer(item), answer(item), answer(item, entity="ETH"), answer(item)])
    assert [signal.entity for signal in signals] == ["BTC", "ETH"]
    assert counts == {"used": 2, "refused": 2, "late": 0, "given_up": 0}


def test_what_the_node_did_not_release_or_link_or_what_is_out_of_bounds_is_refused() -> None:
    signals, counts = play(
        lambda item: [
            answer(item, item_id="another"),
            answer(item, entity="SOL"),
            answer(item, sentiment=float("nan")),
            answer(item, sentiment=-7.0),
            answer(item, impact_score=1.5),
            answer(item, event="buy everything"),
        ]
    )
    assert signals == []
    assert counts == {"used": 0, "refused": 6, "late": 0, "given_up": 0}


def test_an_answer_that_another_node_brought_about_before_this_one_released_the_item_is_kept_for_it() -> None:
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    workers, remote = Workers(lambda item: []), RemoteNlpActor(RemoteNlpActorConfig())
    item = TextItem(
        T0, T0, item_id="i", source="Wire", title="Bitcoin soars", body="", url="", language="en", entities="BTC"
    )
    sound, wild = answer(item), answer(item, sentiment=9.0)

    class Other(Actor):
        def on_start(self) -> None:
            self.clock.set_time_alert_ns("first", T0 + SECOND, lambda event: self.publish_data(SCORED, wild))
            self.clock.set_time_alert_ns("then", T0 + 2 * SECOND, lambda event: self.publish_data(SCORED, sound))
            self.clock.set_time_alert_ns(
                "item", T0 + 3 * SECOND, lambda event: self.publish_data(DataType(TextItem), item)
            )
            self.clock.set_time_alert_ns("again", T0 + 4 * SECOND, lambda event: self.publish_data(SCORED, sound))

    for actor in (workers, remote, Other()):
        engine.add_actor(actor)
    raw = RawText(T0, T0, source="", title="", body="", url="", first_seen_known=True)
    engine.add_data([CustomData(DataType(RawText), raw)], client_id=ClientId(NEWS_CLIENT_ID))
    engine.run(end=T0 + 10 * SECOND)
    assert [(signal.entity, signal.sentiment, signal.ts_init) for signal in workers.let_in] == [
        ("BTC", 0.5, T0 + 3 * SECOND)
    ]
    assert remote.counts == {"used": 1, "refused": 2, "late": 0, "given_up": 0}
    engine.dispose()


def test_items_that_nobody_answers_are_given_up_oldest_first() -> None:
    titles = ("Bitcoin rises as miners hold", "Exchange lists Bitcoin options", "Regulator delays Bitcoin ruling")
    signals, counts = play(lambda item: [answer(item)], *titles, items_max=2)
    assert len(signals) == 2
    assert counts == {"used": 2, "refused": 1, "late": 0, "given_up": 1}


def test_an_answer_that_comes_when_its_text_is_too_old_moves_nothing_and_is_counted() -> None:
    assert play(lambda item: [answer(item)], max_age_min=5.0 / 60.0)[1]["used"] == 1  # published 5 s before
    signals, counts = play(lambda item: [answer(item)], max_age_min=4.99 / 60.0)
    assert signals == []
    assert counts == {"used": 0, "refused": 0, "late": 1, "given_up": 0}
