"""Whether an account may trade, for whoever must know before a node starts. No Nautilus here."""

from adapters.alpaca.constants import KEY_NAME, PAPER_URL, SECRET_NAME
from adapters.alpaca.http import AlpacaHttp, AlpacaRefusedError
from adapters.alpaca.schemas import Account
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.secrets import Secret

ACTIVE = "ACTIVE"


async def ask_account(key: Secret, secret: Secret, url: str = PAPER_URL) -> Account:
    """Return the account that the keys belong to.

    Raises
    ------
    ConfigError
        The keys are refused, or the address is neither encrypted nor on this machine.
    AlpacaError
        Alpaca cannot be asked, or answers nonsense.
    """
    try:
        async with AlpacaHttp(key, secret, url, backoff_seconds=0.5) as http:
            return await TradingApi(http).account()
    except AlpacaRefusedError as error:
        raise ConfigError(
            f"Alpaca refuses the keys ({error.status}); look at {KEY_NAME} and {SECRET_NAME}, and whether they "
            f"belong to {url}"
        ) from None


def check_may_trade(account: Account) -> None:
    """Do nothing if the account may trade.

    Raises
    ------
    ConfigError
        It is not ACTIVE, or blocked, or its owner has suspended trading.
    """
    blocks = {
        "trading is blocked": account.trading_blocked,
        "the account is blocked": account.account_blocked,
        "its owner has suspended trading": account.trade_suspended_by_user,
    }
    reasons = [reason for reason, holds in blocks.items() if holds]
    if account.status != ACTIVE:
        reasons.insert(0, f"it is {account.status}")
    if reasons:
        raise ConfigError(
            f"Alpaca's account {account.account_number} may not trade: {', '.join(reasons)}; see its dashboard"
        )
