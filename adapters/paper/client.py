"""What stands between the paper venue's books and its matching engines where Nautilus expects an execution client."""

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.execution.client import ExecutionClient
from nautilus_trader.model.enums import AccountType, OmsType
from nautilus_trader.model.identifiers import AccountId, ClientId, Venue
from nautilus_trader.model.objects import Currency

from adapters.paper.config import PaperExecClientConfig


class BooksClient(ExecutionClient):
    """Tells the venue's own execution engine how positions are kept. Nobody sends anything through it."""

    def __init__(
        self,
        config: PaperExecClientConfig,
        oms_type: OmsType,
        account_id: AccountId,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
    ) -> None:
        margin = config.account == "margin"
        super().__init__(
            client_id=ClientId(config.venue),
            venue=Venue(config.venue),
            oms_type=oms_type,
            account_type=AccountType.MARGIN if margin else AccountType.CASH,
            base_currency=Currency.from_str(config.currency) if margin else None,
            msgbus=msgbus,
            cache=cache,
            clock=clock,
        )
        self._set_account_id(account_id)
