"""A close ends flat, whatever its exits do meanwhile at the venue."""

import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import Bar

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.live import live
from strategies.momentum_scalper import MomentumScalper
from tests.support.alpaca_server.refusal import RefusalError
from tests.support.alpaca_server.server import AlpacaServer
from tests.support.live_wall import Backed, clients, let_trade, replace, wish

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"),
]


@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_close_that_is_refused_for_the_exits_that_are_on_their_way_out_is_sent_again_as_they_are_gone(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], style: str
) -> None:
    backed = Backed(server.account)
    config = replace(config, execution=replace(config.execution, style=style))

    def at(index: int, bar: Bar) -> None:
        if index == 60:
            let_trade(desk)

    live(config, desk, lambda line: None, lambda: None, clients(server, bars, at), account="paper")
    assert backed.refused > 0
    assert backed.bare_s
    assert max(backed.bare_s) < config.execution.ack_timeout_s / 2


def test_a_stop_that_sells_beside_the_close_is_bought_back_at_once(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]
) -> None:
    """Where both fill, Nautilus alone would end the process over the second one, and leave what was sold short."""
    account, sold_twice = server.account, []
    submit, cancel = account.submit, account.cancel

    def slow(order_id: str) -> None:
        if account._known(order_id)["type"] != "stop" or sold_twice:
            cancel(order_id)

    def too_late(body: dict[str, Any]) -> dict[str, Any]:
        stop = next((order for order in account.open_orders() if order["type"] == "stop"), None)
        if body["side"] == "sell" and stop is not None and not sold_twice:
            account.fill(stop["id"], stop["qty"], stop["stop_price"])
            answer = submit(body)
            sold_twice.append(account.held("AAPL"))
            return answer
        return submit(body)

    def at(index: int, bar: Bar) -> None:
        if index == 60:
            let_trade(desk)

    account.submit, account.cancel = too_late, slow  # type: ignore[method-assign]
    told: list[str] = []
    live(config, desk, told.append, lambda: None, clients(server, bars, at), account="paper")
    assert sold_twice[0] < 0
    assert told == ["live is up; Ctrl-C stops it", "winding down: flatten"]
    assert account.held("AAPL") == 0
    late = [line for line in read(desk / JOURNAL) if isinstance(line, OrderRecord) and line.tags[1:] == ("late_fill",)]
    assert "filled" in [line.event for line in late]


def test_exits_of_a_short_whose_cancels_are_refused_do_not_stay_behind(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No exit holds what a purchase needs, so the close is filled beside them; a stop that stayed would open anew."""
    account, cancel = server.account, server.account.cancel
    config = replace(config, execution=replace(config.execution, ack_timeout_s=0.3))
    decided: list[Any] = []
    refused: list[str] = []
    left: list[int] = []

    def sell(self: Any, signal: Any) -> Any:
        decided.append(signal)
        made = wish(self, signal)
        return replace(made, side="sell", tp=made.sl, sl=made.tp) if len(decided) == 1 else None

    def not_yet(order_id: str) -> None:
        if len(refused) < 4:
            refused.append(order_id)
            raise RefusalError(422, 42210000, "order is pending")
        cancel(order_id)

    def at(index: int, bar: Bar) -> None:
        if index == 60:
            let_trade(desk)
        if decided and account.held("AAPL") == 0:
            left.append(len(account.open_orders()))

    account.cancel = not_yet  # type: ignore[method-assign]
    monkeypatch.setattr(MomentumScalper, "on_new_signal", sell)
    live(config, desk, lambda line: None, lambda: None, clients(server, bars, at), account="paper")
    assert 2 in left
    assert left[-1] == 0
    lines = [line for line in read(desk / JOURNAL) if isinstance(line, OrderRecord)]
    assert "late_fill" not in [tag for line in lines for tag in line.tags]
