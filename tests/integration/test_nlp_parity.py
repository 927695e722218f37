"""The batch API and the actors in a real backtest over the same catalog say the same, to the last bit."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest
from nautilus_trader.backtest.node import BacktestNode
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import (
    ActorConfig,
    BacktestDataConfig,
    BacktestEngineConfig,
    BacktestRunConfig,
    ImportableActorConfig,
    LoggingConfig,
)

from catalog.files import transaction
from catalog.write import write_texts
from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, RawText, TextSignal
from sagetrade_nautilus.errors import ConfigError, DataError
from sagetrade_nautilus.nlp.signals import get_signals

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
T0 = 1_640_995_200 * SECOND  # 2022-01-01
HEARD: list[TextSignal] = []


class RecorderConfig(ActorConfig, frozen=True):
    pass


class Recorder(Actor):
    """Keeps every text signal of the run."""

    def on_start(self) -> None:
        self.msgbus.subscribe("data.TextSignal*", HEARD.append)


def raw(title: str, at: int, *, source: str = "Wire", seen: int | None = None) -> RawText:
    return RawText(
        at,
        at if seen is None else seen,
        source=source,
        title=title,
        body="",
        url=f"https://example.com/{source}/{at}",
        first_seen_known=seen is not None,
    )


def store(root: Path, texts: list[RawText]) -> Path:
    with transaction(root) as change:
        write_texts(change, root, texts)
    return root


def run(root: Path, start: int, end: int, config: TextConfig) -> list[TextSignal]:
    HEARD.clear()
    text = msgspec.to_builtins(config)
    actors = [
        ImportableActorConfig(actor_path=f"{__name__}:Recorder", config_path=f"{__name__}:RecorderConfig", config={}),
        ImportableActorConfig(
            actor_path="actors.news:NewsActor",
            config_path="actors.news:NewsActorConfig",
            config={"text": text},
        ),
        ImportableActorConfig(
            actor_path="actors.nlp:NlpActor", config_path="actors.nlp:NlpActorConfig", config={"text": text}
        ),
    ]
    data = BacktestDataConfig(
        catalog_path=str(root),
        data_cls="sagetrade_nautilus.data:RawText",
        client_id=NEWS_CLIENT_ID,
        start_time=start,
        end_time=end - 1,
    )
    engine = BacktestEngineConfig(actors=actors, logging=LoggingConfig(bypass_logging=True))
    node = BacktestNode(
        [BacktestRunConfig(engine=engine, venues=[], data=[data], start=start, end=end - 1, raise_exception=True)]
    )
    node.run()
    node.dispose()
    return list(HEARD)


def rows(signals: list[TextSignal]) -> list[dict[str, Any]]:
    return [signal.to_dict() for signal in signals]


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    words = ["rises", "falls", "hack", "lawsuit", "hits all-time high", "partners with Visa"]
    coins = ["Bitcoin", "Ethereum", "Crypto market", "Weather", "Solana and Bitcoin"]
    texts = [
        raw(
            f"{coins[n % 5]} {words[n % 6]} {n % 23}",
            T0 + (n // 4) * MINUTE,
            source=f"S{n % 3}",
            seen=T0 + (n // 4) * MINUTE + n * SECOND if n % 7 == 0 else None,
        )
        for n in range(400)
    ]
    return store(tmp_path / "catalog", texts)


@pytest.mark.parametrize("latency_s", [0.0, 60.0, 90.5])
def test_actors_and_batch_agree_on_every_field_and_on_the_order(catalog: Path, latency_s: float) -> None:
    config = TextConfig(ingest_latency_s=latency_s, duplicate_capacity=16)
    start, end = T0 + 5 * MINUTE, T0 + 70 * MINUTE
    published = run(catalog, start, end, config)
    for entity in ("BTC", "ETH", "SOL", "CRYPTO"):
        expected = [signal for signal in published if signal.entity == entity]
        assert len(expected) > 3
        assert rows(get_signals(entity, (start, end), catalog=catalog, config=config)) == rows(expected)


def test_the_end_is_exclusive_to_the_nanosecond(tmp_path: Path) -> None:
    root = store(tmp_path, [raw("Bitcoin rises", T0)])
    due = T0 + MINUTE + 1
    assert get_signals("BTC", (T0, due), catalog=root) == run(root, T0, due, TextConfig()) == []
    assert rows(get_signals("BTC", (T0, due + 1), catalog=root)) == rows(run(root, T0, due + 1, TextConfig()))
    assert len(HEARD) == 1


def test_an_entity_and_a_timeframe_may_be_given_in_many_ways(catalog: Path) -> None:
    whole = rows(get_signals("BTC", (T0, T0 + DAY), catalog=catalog))
    assert whole
    day = dt.date(2022, 1, 1)
    frames = [
        (day, dt.date(2022, 1, 2)),
        ("2022-01-01", "2022-01-02T00:00:00Z"),
        (pd.Timestamp("2022-01-01", tz="UTC"), dt.datetime(2022, 1, 2, tzinfo=dt.UTC)),
        "24h",
        "1d",
    ]
    for timeframe in frames:
        for entity in ("bitcoin", "$BTC", "بيتكوين"):
            assert rows(get_signals(entity, timeframe, catalog=catalog)) == whole


def test_a_span_ends_with_the_last_text_of_the_catalog(tmp_path: Path) -> None:
    root = store(tmp_path, [raw("Bitcoin rises", T0), raw("Bitcoin falls", T0 + 3 * DAY)])
    assert [signal.ts_event for signal in get_signals("BTC", "24h", catalog=root)] == [T0 + 3 * DAY]
    assert len(get_signals("BTC", "30d", catalog=root)) == 2


@pytest.mark.parametrize("timeframe", ["yesterday", "0h", "24", ("2022-01-02", "2022-01-01"), ("soon", "later")])
def test_a_timeframe_that_cannot_be_read_is_refused(catalog: Path, timeframe: Any) -> None:
    with pytest.raises(DataError, match=r"no length of time|longer than nothing|not after its start|no time since"):
        get_signals("BTC", timeframe, catalog=catalog)


def test_an_entity_that_is_none_is_refused(catalog: Path) -> None:
    with pytest.raises(ConfigError, match=r"entity .\.\./x. is unknown"):
        get_signals("../x", "24h", catalog=catalog)


def test_a_catalog_without_texts_says_how_to_get_some(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="sagetool import texts"):
        get_signals("BTC", "24h", catalog=tmp_path)


@pytest.mark.slow
def test_six_real_months_agree(shared_data: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(shared_data / "news" / "crypto_headlines_2021-10_2022-07.parquet")
    frame = frame.dropna(subset=["title"]).fillna("")
    texts = [
        RawText(at, at, source=row.source, title=row.title, body="", url=row.url, first_seen_known=False)
        for row in frame.itertuples()
        for at in [row.published_at.as_unit("ns").value]
    ]
    root = store(tmp_path, texts)
    start, end = T0, T0 + 181 * DAY
    published = run(root, start, end, TextConfig())
    for entity in ("BTC", "ETH", "CRYPTO"):
        expected = [signal for signal in published if signal.entity == entity]
        assert len(expected) > 500
        assert rows(get_signals(entity, (start, end), catalog=root)) == rows(expected)
