"""News of an order in any order, twice or never: Nautilus is told the truth, and each piece of it once."""

import asyncio
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import OrderSide, TimeInForce
from nautilus_trader.model.events import OrderSubmitted
from nautilus_trader.model.identifiers import AccountId, StrategyId, TraderId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order

from adapters.alpaca import parsing, reports, schemas
from adapters.alpaca.http import AlpacaSilentError
from adapters.alpaca.ledger import LOOKBACK_NS, Ledger
from adapters.alpaca.orders import Habits, order_body
from adapters.alpaca.teller import Teller
from adapters.alpaca.tracks import Tracks
from tests.support.alpaca_server.account import OPEN, Account, RefusalError

AAPL = parsing.instrument(schemas.Asset("x", "us_equity", "AAPL", "active", True), fractional=False, ts=0)
QTY = 12


class Client:
    """Keeps what Nautilus would be told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        def tell(*args: Any, **kwargs: Any) -> None:
            self.told.append((name.removeprefix("generate_order_"), args))

        return tell

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.told]

    def all(self, kind: str) -> list[tuple[Any, ...]]:
        return [args for told, args in self.told if told == kind]


class Api:
    """Asks an account of the tests without a network between."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.is_away = False
        self.asked: list[str] = []
        self.since: list[int] = []

    async def order(self, order_id: str) -> schemas.Order | None:
        self.asked.append(order_id)
        found = self._account.orders.get(order_id)
        return read(found) if found else None

    async def order_of_client(self, name: str) -> schemas.Order | None:
        try:
            return read(self._account.of_client(name))
        except RefusalError:
            return None

    async def open_orders(self) -> list[schemas.Order]:
        if self.is_away:
            raise AlpacaSilentError("503")
        return [read(order) for order in self._account.open_orders()]

    async def fills_since(self, since_ns: int) -> list[schemas.Fill]:
        self.since.append(since_ns)
        found = [msgspec.convert(fill, schemas.Fill) for fill in self._account.fills]
        return [fill for fill in found if parsing.nanos(fill.transaction_time) > since_ns]


def read(order: dict[str, Any]) -> schemas.Order:
    return msgspec.convert(order, schemas.Order)


class Case:
    """One order of ours, an account that works it, and the news of it."""

    def __init__(self) -> None:
        self.news: list[schemas.TradeUpdate] = []
        self.account = Account(self._hear)
        self.cache = Cache()
        self.cache.add_instrument(AAPL)
        clock = TestClock()
        factory = OrderFactory(TraderId("T-1"), StrategyId("S-1"), clock)
        self.order: Order = factory.limit(
            AAPL.id, OrderSide.BUY, Quantity.from_int(QTY), Price.from_str("90.00"), time_in_force=TimeInForce.GTC
        )
        self.cache.add_order(self.order)
        self.client = Client()
        self.foreign: list[schemas.Order] = []
        self.tracks = Tracks(self.cache)
        assert self.tracks.of(self.order.client_order_id) is not None  # as one that is on its way
        teller = Teller(self.client, self.cache, clock, 25.0)
        self.api = Api(self.account)
        self.ledger = Ledger(self.api, self.tracks, teller, self.foreign.append)  # type: ignore[arg-type]
        self.current = self.account.submit(order_body(self.order, Habits()))["id"]

    def _hear(self, event: str, order: dict[str, Any], extra: dict[str, Any]) -> None:
        self.news.append(msgspec.convert({"event": event, "order": order, **extra}, schemas.TradeUpdate))

    def do(self, deed: str) -> None:
        """Let something happen at the exchange, if it still can."""
        order = self.account.orders[self.current]
        if order["status"] not in OPEN or deed == "nothing":
            return
        if deed.startswith("fill"):
            left = Decimal(order["qty"]) - Decimal(order["filled_qty"])
            self.account.fill(self.current, min(left, Decimal(deed.split()[1])), "90")
        elif deed == "replace":
            track = self.tracks.of(self.order.client_order_id)
            assert track is not None
            self.current = self.account.replace(self.current, {"client_order_id": track.next_name()})["id"]
        elif deed == "cancel":
            self.account.cancel(self.current)
        else:
            self.account.expire(self.current)


DEEDS = st.lists(
    st.sampled_from(["fill 1", "fill 2", "fill 5", "fill 12", "replace", "replace", "cancel", "expire"]), max_size=7
)


@settings(max_examples=150, deadline=None)
@given(deeds=DEEDS, carries=st.booleans(), data=st.data())
def test_whatever_becomes_of_the_news_nautilus_is_told_the_truth_once(
    deeds: list[str], carries: bool, data: st.DataObject
) -> None:
    case = Case()
    case.account.carries = carries

    async def play() -> None:
        for deed in [*deeds, "nothing"]:
            case.do(deed)
            heard = st.lists(st.integers(-1, len(case.news) - 1), max_size=4)
            for number in data.draw(heard, label=deed):
                await (case.ledger.sweep() if number < 0 else case.ledger.hear(case.news[number]))
        await case.ledger.sweep()
        await case.ledger.sweep()

    asyncio.run(play())
    _check(case)


def _check(case: Case) -> None:
    number = None
    for kind, args in case.client.told:
        if kind in ("accepted", "updated"):
            number = args[3]
        elif kind == "filled":
            assert args[3] == number  # Nautilus takes no execution under another number than it has
    client, final = case.client, case.account.orders[case.current]
    names = [args[5].value for args in client.all("filled")]
    assert len(names) == len(set(names))
    assert sum(args[8].as_decimal() for args in client.all("filled")) == case.account.held("AAPL")
    assert client.kinds().count("accepted") == 1
    assert client.kinds()[0] == "accepted"
    assert client.kinds().count("canceled") == (final["status"] == "canceled")
    assert client.kinds().count("expired") == (final["status"] == "expired")
    if "expired" in client.kinds():
        assert client.kinds()[-1] == "expired"  # Nautilus takes no execution after it
    track = case.tracks.of(case.order.client_order_id)
    assert track is not None
    assert track.current == case.current
    assert [args[3].value for args in client.all("updated")][-1:] in ([], [case.current])
    assert track.closed == (final["status"] not in OPEN)
    if client.all("updated"):
        assert client.all("updated")[-1][4].as_decimal() == QTY
    assert case.foreign == []
    assert "rejected" not in client.kinds()


def test_an_old_word_on_a_replaced_order_changes_nothing_back() -> None:
    case = Case()
    case.do("replace")
    case.do("replace")
    old = [update for update in case.news if update.order.id not in (case.current, case.news[0].order.id)]

    async def play() -> None:
        await case.ledger.sweep()
        for update in old:
            await case.ledger.hear(update)

    asyncio.run(play())
    assert len(old) == 2
    assert case.client.all("updated")[-1][3].value == case.current
    _check(case)


def test_an_execution_of_an_order_that_is_not_known_yet_is_told_however_late_others_were_executed() -> None:
    case = Case()
    case.do("fill 5")  # which nobody hears
    other = OrderFactory(case.order.trader_id, StrategyId("S-2"), TestClock()).market(
        AAPL.id, OrderSide.BUY, Quantity.from_int(1), time_in_force=TimeInForce.DAY
    )
    case.cache.add_order(other)
    theirs = case.account.submit(order_body(other, Habits()))["id"]
    case.account.fills[-1]["transaction_time"] = "2099-01-01T00:00:00Z"

    async def play() -> None:
        await case.ledger.bring(read(case.account.orders[theirs]))
        case.api.is_away = True
        with pytest.raises(AlpacaSilentError):
            await case.ledger.sweep()
        case.api.is_away = False
        await case.ledger.sweep()

    asyncio.run(play())
    told = {args[2]: args[8].as_decimal() for args in case.client.all("filled")}
    assert told == {case.order.client_order_id: 5, other.client_order_id: 1}


def test_an_order_of_somebody_else_is_handed_on() -> None:
    case = Case()
    body = {"symbol": "AAPL", "side": "buy", "type": "limit", "limit_price": "80", "time_in_force": "day", "qty": "1"}
    case.account.submit(body)
    asyncio.run(case.ledger.hear(case.news[-1]))
    assert [order.limit_price for order in case.foreign] == ["80"]
    assert case.client.told == []


def test_executions_of_somebody_else_are_asked_about_once_and_left_behind() -> None:
    """Else a busy account of which we have a part would be read anew, page after page, at every sweep."""
    case = Case()
    body = {"symbol": "AAPL", "side": "buy", "type": "market", "time_in_force": "day", "qty": "1"}
    theirs = [case.account.submit(body)["id"] for _ in range(3)]

    async def play() -> None:
        for minutes, fill in zip((1, 2, 10), case.account.fills, strict=True):
            fill["transaction_time"] = f"2099-01-01T00:{minutes:02d}:00Z"
        for _ in range(3):
            await case.ledger.sweep()

    asyncio.run(play())
    assert [order_id for order_id in case.api.asked if order_id in theirs] == theirs
    assert case.api.since[-1] == parsing.nanos("2099-01-01T00:10:00Z") - LOOKBACK_NS
    assert case.ledger._strange == {theirs[-1]}
    assert case.client.all("filled") == []


def test_what_another_life_had_sent_and_alpaca_does_not_have_was_not_taken() -> None:
    """It is asked for by its id; where Alpaca has it, or it was never sent, nothing is told."""
    case = Case()
    sent = OrderSubmitted(
        case.order.trader_id,
        case.order.strategy_id,
        AAPL.id,
        case.order.client_order_id,
        AccountId("ALPACA-1"),
        UUID4(),
        0,
        0,
    )
    asyncio.run(case.ledger.give_up_lost(()))
    assert case.client.kinds() == []  # it was never sent
    case.order.apply(sent)
    asyncio.run(case.ledger.give_up_lost(()))
    assert case.client.kinds() == []  # Alpaca has it
    case.account.orders.clear()
    asyncio.run(case.ledger.give_up_lost({case.order.client_order_id}))
    assert case.client.kinds() == []  # it was told just now that Alpaca has it
    asyncio.run(case.ledger.give_up_lost(()))
    asyncio.run(case.ledger.give_up_lost(()))
    assert case.client.kinds() == ["rejected"]


@pytest.mark.parametrize(
    ("deeds", "told"),
    [
        (["cancel"], ["accepted", "canceled"]),
        (["expire"], ["accepted", "expired"]),
        (["replace", "cancel"], ["accepted", "updated", "canceled"]),
        ([], []),  # it rests: that is Nautilus's own to find out
        (["fill 5", "cancel"], []),  # so is what was filled, and then ended
        (["fill 12"], []),
    ],
)
def test_what_ended_without_a_fill_while_nobody_listened_is_told_as_a_node_starts(
    deeds: list[str], told: list[str]
) -> None:
    case = Case()
    for deed in deeds:
        case.do(deed)
    name = case.order.client_order_id.value
    report = reports.order_status(read(case.account.orders[case.current]), AAPL, AccountId("ALPACA-1"), 0, name)
    for _ in range(2):
        ended = asyncio.run(case.ledger.take_past([report]))
        assert case.client.kinds() == told
    assert ended == []  # it was told before
