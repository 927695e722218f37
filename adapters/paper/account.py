"""The paper venue's account: calculated from its fills, as a backtest's is."""

from decimal import Decimal

from nautilus_trader.accounting.accounts.base import Account
from nautilus_trader.accounting.accounts.cash import CashAccount
from nautilus_trader.accounting.accounts.margin import MarginAccount
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import AccountType, OmsType
from nautilus_trader.model.events import AccountState
from nautilus_trader.model.identifiers import AccountId
from nautilus_trader.model.objects import AccountBalance, Currency, Money

from adapters.paper.config import PaperExecClientConfig


def account_type(config: PaperExecClientConfig) -> AccountType:
    """Return what kind of account is kept."""
    return AccountType.MARGIN if config.account == "margin" else AccountType.CASH


def base_currency(config: PaperExecClientConfig) -> Currency | None:
    """Return the one currency of a margin account, ``None`` for a cash account, which holds each by itself."""
    return Currency.from_str(config.currency) if config.account == "margin" else None


def oms_type(config: PaperExecClientConfig) -> OmsType:
    """Return how positions are kept."""
    return OmsType[config.oms_type]


def set_leverage(config: PaperExecClientConfig, account: Account) -> None:
    """Give a margin account its leverage."""
    if account.is_margin_account:
        account.set_default_leverage(Decimal(str(config.leverage)))


def open_account(config: PaperExecClientConfig, account_id: AccountId, state: AccountState | None, now: int) -> Account:
    """Return the account as `state` left it, or a new one."""
    kind = MarginAccount if account_type(config) == AccountType.MARGIN else CashAccount
    account = kind(state or _fresh(config, account_id, now), True)
    set_leverage(config, account)
    return account


def _fresh(config: PaperExecClientConfig, account_id: AccountId, now: int) -> AccountState:
    currency = Currency.from_str(config.currency)
    money = Money(config.starting_balance, currency)
    return AccountState(
        account_id=account_id,
        account_type=account_type(config),
        base_currency=base_currency(config),
        reported=True,
        balances=[AccountBalance(total=money, locked=Money(0, currency), free=money)],
        margins=[],
        info={},
        event_id=UUID4(),
        ts_event=now,
        ts_init=now,
    )
