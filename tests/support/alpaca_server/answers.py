"""What the server says of its account."""

from decimal import Decimal
from typing import Any

from tests.support.alpaca_server.account import Account

Json = dict[str, Any]


def account(account: Account, status: str, *, is_suspended: bool = False) -> Json:
    """Return what GET /v2/account says."""
    worth = sum((held * account.prices[symbol][0] for symbol, (held, _) in account.positions.items()), Decimal(0))
    equity = account.cash + worth
    return {
        "id": "e6fe16f3-64a4-4921-8928-cadf02f92f98",
        "account_number": "PA123",
        "status": status,
        "crypto_status": "ACTIVE",
        "currency": "USD",
        "cash": f"{account.cash}",
        "equity": f"{equity}",
        "portfolio_value": f"{equity}",
        "last_equity": "100000",
        "buying_power": f"{account.cash * 2}",
        "regt_buying_power": f"{account.cash * 2}",
        "non_marginable_buying_power": f"{account.cash}",
        "multiplier": "2",
        "initial_margin": f"{abs(worth) / 2}",
        "maintenance_margin": f"{abs(worth) * 3 / 10}",
        "long_market_value": f"{worth}",
        "short_market_value": "0",
        "shorting_enabled": True,
        "trading_blocked": False,
        "transfers_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": is_suspended,
        "created_at": "2019-06-12T22:47:07.99658Z",
    }


def positions(account: Account) -> list[Json]:
    """Return what GET /v2/positions says."""
    return [
        {
            "asset_id": "904837e3-3b76-47ec-b432-046db621571b",
            "symbol": symbol.replace("/", ""),
            "exchange": "CRYPTO" if "/" in symbol else "NASDAQ",
            "asset_class": "crypto" if "/" in symbol else "us_equity",
            "avg_entry_price": f"{average:.9f}",
            "qty": str(held),
            "qty_available": str(account.available(symbol)),
            "side": "long" if held > 0 else "short",
            "market_value": str(held * account.prices[symbol][0]),
            "cost_basis": str(held * average),
            "unrealized_pl": str(held * (account.prices[symbol][0] - average)),
            "current_price": str(account.prices[symbol][0]),
        }
        for symbol, (held, average) in account.positions.items()
        if held
    ]
