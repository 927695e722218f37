"""Micro-trades on the wire: what an order says to the algorithm that works it.

The order is a limit order at its first price. The cap, the lifetime and the rest of the policy travel with it as the
algorithm's parameters, so that any strategy can send one and the journal has all of it.
"""

from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OrderSide, OrderType, TimeInForce
from nautilus_trader.model.identifiers import ExecAlgorithmId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.config import ExecutionConfig
from sagetrade_nautilus.errors import OrderError
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.execution import MicroPolicy, price_limits
from sagetrade_nautilus.model.records import ENTRY
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

MICRO = ExecAlgorithmId("MICRO")
NEVER_ASKED_S = 5.0
"""How long a cancel may be unanswered where the run never asks a venue."""

Seconds = Annotated[float, Meta(ge=0.0)]


class MicroParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of an order that names the algorithm `MICRO`; on the wire every value is a text.

    Parameters
    ----------
    cap : str
        The worst price that the order may ever have.
    step : int
        Ticks from one price to the next.
    lifetime_s, reprice_interval_s, cancel_timeout_s : float
        As `ExecutionConfig` has them; an interval of 0 keeps the first price.
    cancels_max : int
        How often a cancel is sent that the venue does not answer.
    partial : {'keep', 'close'}
        What becomes of a part.
    """

    cap: str
    step: Annotated[int, Meta(ge=0)] = 0
    lifetime_s: Annotated[float, Meta(gt=0.0)] = 15.0
    reprice_interval_s: Seconds = 0.0
    cancel_timeout_s: Annotated[float, Meta(gt=0.0)] = 5.0
    cancels_max: Annotated[int, Meta(gt=0)] = 3
    partial: Literal["keep", "close"] = "keep"

    def wire(self) -> dict[str, str]:
        """Return what Nautilus carries with the order."""
        return {key: str(value) for key, value in msgspec.structs.asdict(self).items()}


def plan(
    config: ExecutionConfig, instrument: Instrument, reference: float, sign: Literal[1, -1], rest_s: float | None
) -> tuple[Price, MicroParams]:
    """Return the first price and the parameters of an entry that was decided on at `reference`.

    Parameters
    ----------
    rest_s : float, optional
        For a decision to rest: how long. Its price is `reference` and its cap too.

    Raises
    ------
    OrderError
        The cap is below the smallest price that the instrument has.
    """
    tick = instrument.price_increment.as_decimal()
    at = str(instrument.make_price(reference))
    bps = (0.0, 0.0) if rest_s is not None else (config.first_slippage_bps, config.max_slippage_bps)
    first, cap = price_limits(at, sign, *bps, str(tick))
    if cap <= 0:
        raise OrderError(f"{instrument.id}: {bps[1]} bps beyond {at} is no price; lower execution.max_slippage_bps")
    params = MicroParams(
        cap=str(cap * tick),
        step=max(1, int(Decimal(at) * Decimal(str(config.reprice_step_bps)) / 10_000 / tick)),
        lifetime_s=config.lifetime_s if rest_s is None else rest_s,
        reprice_interval_s=config.reprice_interval_s,
        cancel_timeout_s=config.ack_timeout_s or NEVER_ASKED_S,
        cancels_max=config.queries_max,
        partial=config.partial,
    )
    return price_of(first, instrument), params


def entry(
    factory: OrderFactory,
    instrument: Instrument,
    decision: Decision,
    reference: float,
    amount: Quantity,
    trade_id: str,
    config: ExecutionConfig,
    rest_s: float,
) -> Order:
    """Return a micro-trade's entry for `decision`, tagged ``[trade_id, 'entry']``; a limit decision rests `rest_s`."""
    buys = decision.side == "buy"
    resting = rest_s if decision.order_type == "limit" else None
    price, params = plan(config, instrument, reference, 1 if buys else -1, resting)
    return factory.limit(
        instrument.id,
        OrderSide.BUY if buys else OrderSide.SELL,
        amount,
        price,
        exec_algorithm_id=MICRO,
        exec_algorithm_params=params.wire(),
        tags=[trade_id, ENTRY],
    )


def policy_of(order: Order, instrument: Instrument) -> MicroPolicy:
    """Return the policy that `order` asks for.

    Raises
    ------
    OrderError
        It is no limit order that rests until it is cancelled, or its parameters are missing, unknown or contradict it.
    """
    if order.order_type != OrderType.LIMIT or order.time_in_force != TimeInForce.GTC:
        raise OrderError(f"{order.client_order_id}: {MICRO} works limit orders with time_in_force 'gtc'")
    try:
        params = msgspec.convert(order.exec_algorithm_params or {}, MicroParams, strict=False)
        return MicroPolicy(
            sign=1 if order.is_buy else -1,
            asked=steps_of(order.quantity, instrument),
            first=ticks_of(order.price.as_decimal(), instrument),
            cap=ticks_of(Decimal(params.cap), instrument),
            step=params.step,
            lifetime_ns=_nanos(params.lifetime_s),
            reprice_ns=_nanos(params.reprice_interval_s),
            cancel_ns=_nanos(params.cancel_timeout_s),
            cancels_max=params.cancels_max,
            partial=params.partial,
        )
    except (msgspec.ValidationError, ValueError, ArithmeticError) as error:
        raise OrderError(f"{order.client_order_id}: parameters of {MICRO}: {error}") from None


def steps_of(quantity: Quantity, instrument: Instrument) -> int:
    """Return a quantity in whole steps of the instrument."""
    return int(quantity.as_decimal() // instrument.size_increment.as_decimal())


def ticks_of(price: Decimal, instrument: Instrument) -> int:
    """Return a price in ticks.

    Raises
    ------
    ValueError
        It does not lie on a tick.
    """
    ticks, beside = divmod(price, instrument.price_increment.as_decimal())
    if beside:
        raise ValueError(f"{price} does not lie on a tick of {instrument.price_increment}")
    return int(ticks)


def price_of(ticks: int, instrument: Instrument) -> Price:
    """Return the price of so many ticks."""
    return Price.from_decimal(ticks * instrument.price_increment.as_decimal())


def _nanos(seconds: float) -> int:
    return round(seconds * NANOS_PER_SECOND)
