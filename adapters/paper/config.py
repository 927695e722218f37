"""What a paper venue is given: its account, its costs, its faults, and the file that it lives in."""

from typing import Annotated, Literal

from msgspec import Meta
from nautilus_trader.config import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from nautilus_trader.live.config import LiveExecClientConfig

Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class PaperExecClientConfig(LiveExecClientConfig, frozen=True, kw_only=True):
    """Configuration of `PaperExecutionClient`.

    Parameters
    ----------
    venue : str
        The venue that is played, as 'BINANCE'. Name the client so in ``TradingNodeConfig.exec_clients``.
    instruments : list[str]
        The instruments that are traded there, as 'BTCUSDT.BINANCE'. Their definitions come from the node's data client.
    state : str, optional
        The file that account, orders and positions live in. Without one they are gone with the process.
    account : {'margin', 'cash'}
        Whether it may sell short.
    currency : str
        The account's currency.
    starting_balance : float
        What a new account holds. An account that is in the file already keeps what it has.
    leverage : float
        How many times the balance may be committed, >= 1.
    oms_type : {'HEDGING', 'NETTING'}
        Whether each strategy's positions stand apart.
    maker_fee_bps, taker_fee_bps : float
        Fees in basis points of each fill's notional, for making and for taking liquidity.
    slippage_bps, depth, depth_levels : float
        The ladder that an order meets, as `DepthFillModelConfig` has it. A large order is filled in parts.
    latency_ms : float
        Time from sending a command to its arrival, in milliseconds.
    reject_share : float
        The share of orders that the venue rejects for no reason, in [0, 1]. A bracket's exits are not among them: they
        reach the venue with their entry.
    seed : int
        Decides, together with an order's id, whether it is rejected.
    hears : {'bus', 'ahead'}
        Where the market comes from: the node's data topics, or `messages.MARKET_TOPIC`, on which a replay tells of each
        datum before the node hears it.
    time : {'node', 'data'}
        What the venue's clock follows: the node's, or the last datum's time, for data of another day in a node that
        keeps the time of day. Commands then arrive at once, `latency_ms` after the last datum by the venue's clock.
    survives_power_loss : bool
        Whether each change is put on the disk before it counts. It survives `kill -9` either way.
    """

    venue: str
    instruments: list[str]
    state: str | None = None
    account: Literal["margin", "cash"] = "margin"
    currency: str = "USDT"
    starting_balance: PositiveFloat = 100_000.0
    leverage: Annotated[float, Meta(ge=1.0)] = 1.0
    oms_type: Literal["HEDGING", "NETTING"] = "HEDGING"
    maker_fee_bps: NonNegativeFloat = 10.0
    taker_fee_bps: NonNegativeFloat = 10.0
    slippage_bps: NonNegativeFloat = 1.0
    depth: PositiveFloat = 250_000.0
    depth_levels: PositiveInt = 5
    latency_ms: NonNegativeFloat = 50.0
    reject_share: Share = 0.0
    seed: NonNegativeInt = 0
    hears: Literal["bus", "ahead"] = "bus"
    time: Literal["node", "data"] = "node"
    survives_power_loss: bool = True
