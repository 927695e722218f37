"""The node of `sagetool live`, at Alpaca's server of the tests: to be killed and started again.

python -m tests.support.live_node FOLDER URL STREAM_URL SCENARIO STYLE

It is composed as the command composes it, of its clients for Alpaca, whose addresses alone are others.
SCENARIO is 'trading' (it enters whenever it may, and holds for less than a second), 'holding' (it holds for an hour),
'once' (it enters once, and holds that for an hour) or 'calm' (it enters nothing). With REDIS_PORT in the environment it
remembers in Redis, and with SYMBOL it trades that. FOLDER has what its gates ask for.
The server's minutes run ahead of the clock, so its drift has no limit here.
"""

import os
import sys
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from sagetrade_nautilus.config import ExecutionConfig, MessagingConfig, RunConfig, SelectorConfig, load
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.errors import SageTradeError
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.run.live import live
from sagetrade_nautilus.run.node.clients import DataClient, Execution, data_client, live_client
from strategies.momentum_scalper import MomentumScalper
from tests.support.checkout import ROOT

HOLD_S = {"trading": 0.4, "holding": 3_600.0, "once": 3_600.0}
FOLDER = Path("state") / "live"


def configuration(style: str, redis_port: str | None, symbol: str = "AAPL") -> RunConfig:
    """Return the shipped configuration of a live run, with bars of a minute and nothing that keeps it from entering."""
    shipped = load(ROOT / "configs" / "live-alpaca.toml")
    memory = "redis" if redis_port else "file"
    return replace(
        shipped,
        data=replace(shipped.data, instruments=[f"{symbol}.ALPACA"], bar="1-MINUTE-LAST"),
        node=replace(shipped.node, warm_up_h=2.0, reconcile_s=0.5),
        selector=SelectorConfig(),
        sizing=replace(shipped.sizing, max_trade_risk_pct=100.0),
        execution=ExecutionConfig(style=style, ack_timeout_s=1.0, memory=memory),  # type: ignore[arg-type]
        messaging=MessagingConfig(backend="redis", port=int(redis_port)) if redis_port else shipped.messaging,
        limits=replace(
            shipped.limits,
            price_collar_pct=50.0,
            max_price_jump_pct=50.0,
            max_clock_drift_ms=1e9,
            max_orders_per_minute=10_000,
            max_messages_per_s=10_000,
            max_repeated_orders=10_000,
            max_losses_in_a_row=10_000,
            no_duplicate_s=0.0,
        ),
        canary=CanaryConfig(
            rollback="sagetool stop, by whoever is on call", max_loss_pct=50.0, max_slippage_bps=9_999.0
        ),
    )


def clients(config: RunConfig, url: str, stream_url: str) -> tuple[DataClient, Execution]:
    """Return the clients of the command, with other addresses."""
    (data, data_factory), (execution, execution_factory) = data_client(config, "live"), live_client(config, "live")
    near: dict[str, Any] = {"trading_url": url, "timeout_s": 3.0, "backoff_s": 0.05}
    data = replace(data, data_url=url, stream_url=stream_url, **near)
    execution = replace(execution, stream_url=f"{stream_url}/stream", **near)
    return (data, data_factory), (execution, execution_factory)


def main(folder: Path, url: str, stream_url: str, scenario: str, style: str) -> None:
    os.chdir(folder)
    config = configuration(style, os.environ.get("REDIS_PORT"), os.environ.get("SYMBOL", "AAPL"))

    asked: list[str] = []

    def wish(self: Any, signal: Any) -> Decision | None:
        if scenario == "calm" or (scenario == "once" and asked):
            return None
        asked.append(signal.signal_id)
        share = 95.0 if "/" in config.data.instruments[0] else 100.0  # parts of coins come up to the very limit
        return Decision(
            side="buy", size_pct=share, tp=signal.price * 1.05, sl=signal.price * 0.95,
            target_duration=HOLD_S[scenario], expected_edge_bps=500.0, reason="a test", signal_ids=(signal.signal_id,),
        )  # fmt: skip

    MomentumScalper.on_new_signal = wish  # type: ignore[method-assign]
    try:
        live(config, FOLDER, lambda line: print(line, flush=True), lambda: None, clients(config, url, stream_url))
    except SageTradeError as error:
        print(error, flush=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
