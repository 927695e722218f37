"""What stands between the paper venue's books and its matching engines where Nautilus expects an execution client."""

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.execution.client import ExecutionClient
from nautilus_trader.model.identifiers import AccountId, ClientId, Venue

from adapters.paper.account import account_type, base_currency, oms_type
from adapters.paper.config import PaperExecClientConfig


class BooksClient(ExecutionClient):
    """Tells the venue's own execution engine how positions are kept. Nobody sends anything through it."""

    def __init__(
        self,
        config: PaperExecClientConfig,
        account_id: AccountId,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
    ) -> None:
        super().__init__(
            client_id=ClientId(config.venue),
            venue=Venue(config.venue),
            oms_type=oms_type(config),
            account_type=account_type(config),
            base_currency=base_currency(config),
            msgbus=msgbus,
            cache=cache,
            clock=clock,
        )
        self._set_account_id(account_id)
