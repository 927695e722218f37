"""Sentences of our own that show what each kind of event sounds like. None is taken from a text that we measure on."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sagetrade_nautilus.model.text.events import Event

PROTOTYPES: Final[Mapping[Event, tuple[str, ...]]] = MappingProxyType(
    {
        Event.EARNINGS: (
            "The company reports quarterly results above estimates",
            "Quarterly profit missed analysts' expectations",
            "Second quarter revenue rose 12% from a year ago",
            "The firm will publish its quarterly results and hold a conference call",
            "Net income fell as costs rose in the third quarter",
            "Earnings per share beat the consensus",
        ),
        Event.GUIDANCE: (
            "The company raises its full-year outlook",
            "The firm cut its revenue forecast for the year",
            "Management withdraws its guidance",
            "The retailer issues a profit warning",
            "The company sets financial targets for the next fiscal year",
        ),
        Event.ANALYST_RATING: (
            "Analysts upgrade the stock to buy",
            "The bank downgraded the shares and cut its price target",
            "The broker initiates coverage with an outperform rating",
            "Price target raised by an analyst",
            "The rating agency affirms the company's credit rating",
        ),
        Event.MERGER_ACQUISITION: (
            "The company agrees to buy its rival for $2 billion",
            "The exchange acquires a payments firm",
            "The two firms complete their merger",
            "The fund takes a stake in the lender",
            "The startup raises $100 million in a funding round led by venture investors",
            "Takeover bid for the group rejected by its board",
        ),
        Event.MACRO_CENTRAL_BANK: (
            "The Federal Reserve raises interest rates by 75 basis points",
            "Inflation accelerates to the highest in forty years",
            "The central bank's governor speaks of monetary policy",
            "Unemployment fell and payrolls rose more than expected",
            "The economy shrank in the second quarter, and fears of a recession grow",
            "The central bank tests its own digital currency",
        ),
        Event.REGULATION_LEGAL: (
            "The regulator sues the company for breaking securities law",
            "Lawmakers pass a bill on digital assets",
            "A court fines the founder for money laundering",
            "The government bans crypto payments",
            "Prosecutors charge the chief executive with fraud",
            "The authority grants the exchange a licence",
            "New sanctions and taxes on miners are proposed",
        ),
        Event.HACK_EXPLOIT: (
            "Hackers steal $100 million from a bridge",
            "The protocol was exploited and its funds were drained",
            "A phishing attack emptied users' wallets",
            "A security breach at the exchange lost customers' coins",
            "The attacker returned part of the stolen tokens",
        ),
        Event.LISTING_DELISTING: (
            "The exchange lists a new token for trading",
            "The exchange will delist several coins",
            "The company goes public on the stock exchange",
            "The startup files for an initial public offering",
            "The coin can now be traded on another exchange",
        ),
        Event.ETF: (
            "The regulator approves a spot bitcoin ETF",
            "The manager files for a new exchange-traded fund",
            "The decision on the ETF application was delayed",
            "Investors pull money out of the bitcoin fund",
            "The ETF will be closed and liquidated",
        ),
        Event.PRODUCT_PARTNERSHIP: (
            "The company launches a new product",
            "The two firms announce a partnership",
            "The wallet adds support for a new network",
            "The app lets its users pay with bitcoin",
            "The network's upgrade goes live",
            "The brand opens an NFT marketplace",
            "The drug shows good results in a clinical trial",
        ),
        Event.PERSONNEL: (
            "The company names a new chief executive",
            "The chief financial officer resigns",
            "The founder steps down from the board",
            "The exchange lays off a fifth of its staff",
            "The bank hires an executive from a rival to head its team",
        ),
        Event.BANKRUPTCY: (
            "The lender files for bankruptcy protection",
            "The fund defaults on its loan and is liquidated",
            "The insolvent company halts withdrawals",
            "Creditors of the bankrupt firm demand their money",
            "The developer cannot pay its bonds and is in default",
        ),
        Event.PRICE_MOVE: (
            "Bitcoin falls below $20,000",
            "The token rallies 40% in a day",
            "Shares plunged today",
            "Stocks ended higher as the market gained",
            "Ethereum trades sideways while altcoins rise",
            "Why the stock sank this week",
        ),
        Event.OTHER: (
            "Three stocks to buy and hold for a decade",
            "Is this stock a buy now?",
            "Opinion: what the future of money may look like",
            "Analysts expect that the price could reach a new high next year",
            "A celebrity talks about cryptocurrencies",
            "A study shows how many people own digital coins",
            "The company declares its quarterly dividend",
            "What investors should know before the holidays",
            "The company buys more bitcoin for its treasury",
            "How mining farms use energy",
        ),
    }
)
