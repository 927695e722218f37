"""The event rules, in order of precedence."""

from typing import Final

from sagetrade_nautilus.model.text.events import Event, EventRules, Rule
from sagetrade_nautilus.model.text.move_words import ASSET, DOWN, FLAT, REACH, UP

RULES: Final = (
    # A headline that opens with the move tells of the past, whatever cause it goes on to name.
    Rule(
        Event.PRICE_MOVE,
        (
            f"({ASSET}) ({UP}|{DOWN}|{FLAT})",
            f"@coin price ({UP}|{DOWN}|{FLAT}|{REACH})",
            f"@coin ({REACH}) (#|$#|usd|below|above|new|fresh|all time|ath)",
            f"@coin ({REACH}) (as|to) (high|low|little)",
            "@coin (up|down) #%",
            "@coin (loses|lost|sheds|drops|adds|gained) #%",
            "(shares|stock) (up|down|off|higher|lower) (#%|after|on|as|premarket)",
            "#% (pre|premarket|post)",
            "(premarket|pre market|after hours|after hour|early) (movers|gainers|losers|gappers)",
            "(gains|loses|lost|adds|up|down|slides|jumps|plunges) #% (after|on|as|in|amid)",
            "@coin (extends|trims|trim|extend|erases|pares) (gains|losses|weekly|early)",
        ),
        without=("could", "may", "might", "will", "earnings call", "price target"),
        within=6,
    ),
    Rule(
        Event.BANKRUPTCY,
        (
            "(bankruptcy|bankrupt|insolvency|insolvent|receivership|liquidators|"
            "restructuring lawyers|creditor protection)",
            "chapter (#|eleven)",
            "files for (administration|liquidation)",
            "(pauses|halts|suspends|freezes|suspend|halt|freeze|pause) (all|customer|user|client|) withdrawals",
        ),
    ),
    Rule(
        Event.HACK_EXPLOIT,
        (
            "(hack|hacks|hacked|hacker|hackers|hacking|exploit|exploits|exploited|exploiter|rugpull|"
            "ransomware|cyberattack)",
            "(rug pull|rug pulled|flash loan attack|security breach|data breach|private key leak|phishing|dns hijack)",
            "(drained|stolen|stole|steal|steals|siphoned|looted) (for|from|in|#|$#|over|crypto|nfts)",
            "(stolen|drained) (funds|crypto|nft|@coin|tokens|assets)",
            "(bridge|protocol|wallet|exchange) (attack|attacked|compromised|drained)",
            "(#|$#) (million|m|b|billion) (stolen|drained|hack|heist)",
        ),
        without=("hackathon", "bug bounty"),
    ),
    Rule(
        Event.ETF,
        (
            "@coin (spot|futures|trust|based|) (etf|etfs|etp|etps|etn)",
            "(spot|futures|crypto|cryptocurrency|blockchain|defi|metaverse) (@coin|) (etf|etfs|etp|etps)",
            "(etf|etfs|etp) (application|approval|filing|launch|launches|rejected|approved|decision|inflows|outflows)",
            "(approves|rejects|delays|files for|launches|lists) (a|an|its|first|spot|) (etf|etfs|etp)",
        ),
    ),
    Rule(
        Event.LISTING_DELISTING,
        (
            "(listing|delisting|delist|delists|delisted|delistings)",
            "(lists|listed on|to list|now listed|relists) (@coin|token|tokens|binance|coinbase|"
            "kraken|nasdaq|nyse|robinhood)",
            "(lists|listing|to list) (new|#|several) (token|tokens|coin|coins)",
            "(adds|add|added) (support|trading) for @coin",
            "(ipo|ipos|initial public offering|direct listing|go public|goes public|going public)",
            "(begin|begins|start|starts) trading on (nasdaq|nyse|the)",
        ),
    ),
    Rule(
        Event.GUIDANCE,
        (
            "(raises|raised|cuts|cut|lowers|lowered|boosts|trims|slashes|withdraws|reaffirms|"
            "reiterates|affirms|"
            "maintains|updates|issues|hikes) (its|full year|fy|annual|q#|) (guidance|outlook|"
            "forecast|forecasts)",
            "(profit|revenue|sales|earnings) (warning|guidance|outlook)",
            "(guidance|guides|guided) (above|below|for|cut|raised|to)",
        ),
        without=("earnings call transcript", "to buy", "moody's", "fitch", "fed", "ecb", "imf", "opec"),
    ),
    Rule(
        Event.EARNINGS,
        (
            "(earnings|eps|ebitda)",
            "(q#|quarter|quarterly|second quarter|fiscal|half year|full year) (results|revenue|"
            "revenues|profit|loss|sales|"
            "earnings|update)",
            "(q#|quarter|fiscal|full) (#|year) (#|financial|results|revenue)",
            "(first|second|third|fourth) quarter (#|fiscal|financial|production|net|and|conference|profit|results)",
            "(financial|quarterly|annual|interim|operating) results",
            "(profit|revenue|revenues|sales|income) (beat|beats|miss|misses|missed|topped|tops|rises|"
            "rose|fell|falls|jumps|"
            "drops|surges|slumps|doubled|doubles) (#%|estimates|expectations|in|to|by|on|as)",
            "(reports|posts|posted|reported|books) (a|record|#|$#|q#|) (#|$#|) (profit|loss|net|"
            "quarterly|revenue|income)",
            "(beats|misses|tops) (estimates|expectations|forecasts|revenue)",
            "(conference call|webcast) (for|on|to|and|second|scheduled|date)",
            "(net income|net profit|net loss|gaap)",
        ),
        without=(
            "central bank",
            "annual general meeting",
            "declares dividend",
            "quarterly dividend",
            "clinical",
        ),
    ),
    Rule(
        Event.ANALYST_RATING,
        (
            "(downgrade|downgrades|downgraded|upgrades|upgraded|overweight|underweight|outperform rating)",
            "(price target|price targets|target price|pt raised|pt cut|buy rating|sell rating|"
            "hold rating|credit rating)",
            "(initiates|initiated|initiate|resumes|starts|started) (coverage|with|at)",
            "(coverage) (initiated|resumed|with|started)",
            "(analyst calls|analyst ratings|analyst actions|analyst says buy|analyst recommends)",
            "(upgrade|upgrades) (to|from|at|on) (buy|hold|sell|neutral|outperform|overweight|equal)",
            "(moody's|fitch|s&p|dbrs|am best) (affirms|confirms|assigns|cuts|upgrades|revises|rates|removes|says)",
            "(cut|cuts|raised|lifted|slashed|bumped) (at|to|by) (morgan|goldman|buy|hold|neutral|"
            "sell|barclays|citi|jpmorgan)",
            "(equal weight|sector perform|market perform)",
        ),
        without=("network upgrade", "mainnet upgrade"),
    ),
    Rule(
        Event.MERGER_ACQUISITION,
        (
            "(acquires|acquired|acquire|acquiring|acquisition|acquisitions|acquirer|takeover|"
            "takeovers|buyout|merger|mergers)",
            "(m&a|to merge|merges with|merge with|tender offer|business combination|going private|"
            "take private|definitive agreement)",
            "(agrees|agreed|deal|talks|offer|bid|plans|nears deal) to (buy|sell|acquire|combine)",
            "(buys|buying|sells|selling) (majority|minority|controlling|stake|unit|business|division|rival|firm)",
            "(majority|minority|controlling) (stake|interest|investment)",
            "(completes|completed|closes|announces) (acquisition|sale|merger|purchase|divestiture)",
            "(stake in|takes stake|raises stake|bidder|bidders|suitor|suitors|divest|divests|"
            "divestiture|spinoff|spin off)",
            "series (a|b|c|d|e) (round|funding|equity|financing|)",
            "(funding round|seed round)",
            "(strategic|growth|equity) investment (from|in|by)",
        ),
        without=("customer acquisition", "data acquisition", "@coin merge", "the merge", "wells notice"),
    ),
    Rule(
        Event.MERGER_ACQUISITION,
        ("(to buy|buys|buying|to sell|sale of|to combine|combine to|acquiring)",),
        beside=(
            "for $#",
            "for about $#",
            "for roughly $#",
            "$# a share",
            "business",
            "company",
            "unit",
            "subsidiary",
            "rival",
        ),
        without=("@coin", "nft", "nfts", "shares", "stocks", "drones", "vans"),
    ),
    Rule(
        Event.PERSONNEL,
        (
            "(appoints|appointed|appoint|appointment|appointments|resigns|resigned|resign|resignation|retires|ousted)",
            "(names|named|hires|hired|taps|promotes|promoted|elects|elected|recruits|welcomes) (#|"
            "new|as|former|first|next|interim|"
            "ceo|cfo|coo|cto|president|chair|chairman|chief|head|director|executive|veteran|partner|"
            "google|exec)",
            "(becomes|become|named|joins as|promoted to|to become) (ceo|cfo|president|chairman|chair|"
            "vice president|chief|partner)",
            "(ceo|cfo|coo|cto|chief|director) (is leaving|leaving|to retire|retires|to leave|leaves|quits|exits)",
            "(is leaving|leaving the|to leave the|leaves the) (company|firm|bank|exchange)",
            "joined (as|evercore as|the firm|the company)",
            "as (new|its|interim|its new|its first|) (ceo|cfo|coo|cto|cmo|president|chair|chairman|"
            "chief|director|"
            "executive|partner|senior)",
            "as (general counsel|vice president|head of|managing director)",
            "(steps down|step down|stepping down|stepped down|to depart|departs|steps back|"
            "leaves role|leaves post|fired as|quits)",
            "(joins|joined|rejoins) (as|board|@coin labs|the board|firm|team|from)",
            "(new|next|interim|incoming|outgoing) (ceo|cfo|coo|cto|president|chair|chairman|chief|boss|head of)",
            "(layoffs|lays off|lay off|laying off|cuts staff|cutting jobs|cut jobs|job cuts|"
            "hiring freeze|fires #%|laid off)",
            "(leadership team|leadership transition|ceo transition|cfo transition|"
            "executive leadership|board of directors)",
            "(succession plan|successor|succeeds as|takes over as)",
        ),
        without=(
            "prime minister",
            "presidential",
            "senate",
            "governor",
            "dividend",
            "share repurchase",
            "parliament",
        ),
    ),
    Rule(
        Event.REGULATION_LEGAL,
        (
            "(lawsuit|lawsuits|sues|sued|suing|sue|indicted|indictment|charged with|pleads guilty|"
            "plead guilty|convicted|"
            "arrested|arrests|arrest|sentenced|subpoena|subpoenas|subpoenaed|settlement|settles|"
            "litigation|antitrust|extradition)",
            "(class action|law firm|law offices|shareholder alert|investor alert|investigation alert|"
            "wells notice|civil claim|"
            "court|judge|trial|jury|attorney general|prosecutors|justice department|doj|"
            "money laundering|insider trading)",
            "(sec|cftc|finra|fca|esma|fatf|nhtsa|ftc) (charges|fines|probe|probes|investigates|"
            "approves|rejects|chair|chief|"
            "commissioner|lawsuit|settles|warns|case|says|probing|to|and|on|investigation|sues)",
            "(fined|fines|fine of|penalty|penalties|probe into|probes|investigation into|"
            "investigates|under investigation)",
            "(regulation|regulations|regulator|regulators|regulate|regulates|regulating|regulatory|"
            "legislation|lawmaker|lawmakers|"
            "crackdown|sanctions|sanctioned|legal tender|legalize|legalizes|executive order|mica)",
            "(crypto|mining|@coin|trading|stablecoin|digital asset) (ban|bans|bill|law|laws|tax|taxes|rules|oversight)",
            "(bans|banned|ban|banning|outlaws|prohibits|prohibit|restricts) (crypto|@coin|mining|"
            "trading|cryptocurrency|the|all)",
            "(parliament|senate|congress|house|senators|senator|ministry) (passes|approves|votes|"
            "bill|hearing|proposes|considers)",
            "(bill|draft law|license|licence|licensed) (to|for|from|on|proposes|would|in)",
        ),
        without=(
            "earnings call",
            "clinical",
            "phase #",
            "patient",
            "fda",
            "regulatory announcement",
            "settlement prices",
        ),
    ),
    Rule(
        Event.MACRO_CENTRAL_BANK,
        (
            "(fed|federal reserve|fomc|ecb|boe|boj|boc|rba|rbnz|pboc|snb|riksbank|beige book|"
            "central bank|central banks|"
            "central bankers|powell|lagarde|bailey|kuroda|yellen|waller|bullard|mester)",
            "bank of (england|japan|canada|korea|russia|france|mexico|israel|thailand|indonesia)",
            "(rate|rates) (hike|hikes|cut|cuts|rise|rises|increase|increases|decision|path)",
            "(interest|benchmark|policy|key|lending|deposit) (rate|rates)",
            "(basis points|basis point|bps hike|bp hike|monetary policy|monetary tightening|"
            "quantitative easing|"
            "quantitative tightening|raises rates|raising rates|cuts rates|tightening cycle)",
            "(inflation|cpi|ppi|pce|gdp|recession|stagflation|nonfarm payrolls|payrolls|"
            "jobless claims|jobs report|unemployment|"
            "retail sales|consumer confidence|consumer prices|housing starts|pmi|trade deficit|"
            "industrial production)",
        ),
    ),
    Rule(
        Event.PRICE_MOVE,
        (
            f"(price|prices|@coin|@ticker|shares|stock|altcoins|market) ({UP}|{DOWN})",
            f"({UP}|{DOWN}) #%",
            "(price analysis|coin race|top gainers|top losers|winners losers)",
            "all time (high|highs|low|lows)",
            "(week|month|year|day) (high|highs|low|lows)",
            "(up|down) #% (in|this|on|over|since|today|weekly)",
            "(liquidations|liquidated|sell off|selloff|bloodbath|in red|in the red|in the green)",
            "(record|new) (high|low|highs|lows)",
        ),
        without=("could", "may", "might", "will"),
    ),
    Rule(
        Event.PRODUCT_PARTNERSHIP,
        (
            "(launches|launch|launched|launching|unveils|unveiled|introduces|rolls out|rolled out|"
            "releases|goes live|debuts|debut)",
            "(partners|partnership|partnerships|partnered|partnering|collaborates|collaboration|"
            "teams up|joins forces|alliance)",
            "(integrates|integration|integrate|mainnet|testnet|hard fork|upgrade|airdrop|rollout|"
            "pilot|fda approval|phase #)",
            "(accept|accepts|accepting|adopts|adopt|adoption|to support|adds support|enables|"
            "now available|now accepts) ",
            "(awarded|wins|secures|signs) (a|#|$#|contract|contracts|deal|agreement|patent)",
            "(opens|expands|to open|to build|to expand|expansion)",
        ),
    ),
)

CLASSIFIER: Final = EventRules(RULES)
