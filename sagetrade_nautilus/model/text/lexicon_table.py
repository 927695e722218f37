"""Finance and crypto terms for the sentiment lexicon, as data.

Valences lie in [-4, 4] as in VADER's own lexicon: 4 is as good as news gets for whoever holds the asset, -4
as bad. They were set by judgement of the words, and never fitted to prices.
"""

from types import MappingProxyType
from typing import Final

# One line per valence; every word takes it.
_WORDS: Final = {
    3.0: ("skyrocket skyrockets skyrocketed skyrocketing moon mooning mooned"),
    2.5: (
        "bullish bull bulls surge surges surged surging soar soars soared soaring breakout outperform "
        "outperforms outperformed outperforming"
    ),
    2.0: (
        "rally rallies rallied rallying ath rebound rebounds rebounded rebounding upgrade upgraded "
        "upgrades uptrend upside buyback buybacks approve approves approved approval undervalued oversold "
        "outpaces"
    ),
    1.5: (
        "jump jumps jumped climb climbs climbed recover recovers recovered recovery bounce bounces "
        "bounced inflow inflows accumulate accumulates accumulating accumulation adoption adopt adopts "
        "adopted partnership partners partnered legalize legalizes legalized halving momentum beat beats "
        "integrates milestone highs accelerate accelerates expands raises gains"
    ),
    1.0: (
        "rise rises rose rising launch launches launched unveils stake staking listed institutional "
        "invests invest mainstream dovish profitable listing lists airdrop demand acquires acquire upbeat "
        "stimulus easing green"
    ),
    -1.0: (
        "dip dips dipped outflow outflows slow slows slowdown volatile volatility delay delays delayed "
        "uncertain overbought overvalued hawkish correction trim trims pullback resistance red taxes "
        "tightening inflation capped overheated lower"
    ),
    -1.5: (
        "fall falls fell falling drop drops dropped dropping decline declines declined slip slips slipped "
        "slide slides slid lows weakness weak bear bears miss misses missed downtrend sanctions probe "
        "probes investigation investigates warns warning layoff layoffs lawsuit sue sues sued losses "
        "subpoena unstable delist delists delisted delisting downside fud bearishness suspends halts "
        "halted"
    ),
    -2.0: (
        "bearish slump slumps slumped tumble tumbles tumbled sink sinks sank selloff selloffs downgrade "
        "downgraded downgrades dump dumps dumped dumping tank tanks tanked recession default defaults "
        "defaulted capitulation capitulate liquidated liquidation liquidations shortfall writedown "
        "restatement fined ban bans banned underperform underperforms debacle vulnerability vulnerable "
        "crackdown charged indicted rejects rejected denied shutdown phishing depeg depegs depegged "
        "depegging"
    ),
    -2.5: (
        "plunge plunges plunged plunging plummet plummets plummeted nosedive nosedives dive dives "
        "bloodbath exploit exploits exploited exploiter drained contagion meltdown turmoil ransomware "
        "laundering manipulation rekt freefall attacker attackers"
    ),
    -3.0: (
        "crash crashes crashed crashing hack hacks hacked hacker hackers scam scams scammer scammers "
        "fraud fraudulent ponzi rugpull rugged collapse collapses collapsed collapsing insolvent "
        "insolvency worthless stolen steal steals theft heist hyperinflation"
    ),
    -3.5: ("bankrupt bankruptcy bankruptcies"),
}

# Phrases are read as one word, so that their parts are not.
_PHRASES: Final = {
    3.0: ("all time high|all time highs|record high|record highs|to the moon|short squeeze"),
    2.0: (
        "buy the dip|strong buy|beats estimates|beats expectations|tops estimates|raises guidance|"
        "golden cross|rate cut|rate cuts|higher high|higher highs|legal tender|breaks out|profit beat|"
        "price target raised|bull run|bull market|crushes estimates|better than expected|"
        "stronger than expected|etf approval"
    ),
    1.5: (
        "month high|month highs|week high|week highs|in the green|moves higher|move higher|inches higher|"
        "bottomed out|double bottom|support level|holds support|buys the dip|share buyback"
    ),
    0.0: (
        "smart contract|smart contracts|proof of stake|proof of work|fan token|fan tokens|play to earn|"
        "risk free rate|short term|long term|bored ape|bored apes|united states|united kingdom|"
        "nifty news|crypto winter olympics|stable coin|natural gas|trust wallet|interest rate|"
        "interest rates|energy sector|credit card|credit cards|hard fork|super bowl|fear and greed|"
        "crypto com|the merge|gross domestic product|mutual fund|bear in mind|bug bounty|block reward|"
        "block rewards|risk assets|risk asset|security token|wells fargo|lightning network|ape coin"
    ),
    -1.5: (
        "month low|month lows|week low|week lows|in the red|moves lower|move lower|lower low|lower lows|"
        "lower high|rate hike|rate hikes|cuts guidance|misses estimates|worse than expected|"
        "weaker than expected|resistance level|profit taking|double top|steps down|class action|"
        "price target cut|job cuts|death spiral fears"
    ),
    -2.0: (
        "death cross|bear market|crypto winter|bear trap|short seller|losing peg|loses peg|lost peg|"
        "data breach|head and shoulders|wells notice|money laundering|insider trading|pump and dump|"
        "going concern|margin call|margin calls"
    ),
    -2.5: (
        "all time low|all time lows|record low|record lows|sell off|sell offs|flash crash|"
        "halts withdrawals|suspends withdrawals|pauses withdrawals|freezes withdrawals|security breach|"
        "under attack"
    ),
    -3.0: (
        "rug pull|rug pulls|rug pulled|exit scam|ponzi scheme|pyramid scheme|death spiral|"
        "flash loan attack|double spend|bank run|chapter 11"
    ),
}

# Words that VADER scores in a sense that financial news does not use.
REMOVED: Final = frozenset(
    str.split("""
    active alert aml asset assets authority back backed block blocks bored brave certain challenge
    create created creates creation credit credits dear difficulty discord energetic energy
    entertainment fair fan fans fire focused free fresh gross ha hand harmony intelligence interest
    interests kind l legal like luna matter matters mine miner natural nifty novel number
    opportunity original party pay play playing plays please reach reaches securities security share
    shared shares sharing smart solution solutions super swift top tops treasure treasuries treasury
    true trust trusts united value valued values vision want well worth yes
    """)
)

# Arabic terms, without the article.
_ARABIC: Final = {
    2.0: ("ارتفاع يرتفع ارتفع ارتفعت صعود يصعد صعد مكاسب قفز يقفز تعافي انتعاش صاعد صاعدة شراكة اعتماد موافقة"),
    -2.0: ("انخفاض ينخفض انخفض انخفضت هبوط يهبط هبط تراجع يتراجع تراجعت خسائر خسارة حظر هابط هابطة غرامة ركود"),
    -3.0: ("انهيار ينهار انهار اختراق احتيال افلاس إفلاس سرقة قرصنة"),
}

WORDS: Final = MappingProxyType(
    {word: valence for table in (_WORDS, _ARABIC) for valence, words in table.items() for word in words.split()}
    | {f"ال{word}": valence for valence, words in _ARABIC.items() for word in words.split()}
)
PHRASES: Final = MappingProxyType(
    {phrase: valence for valence, phrases in _PHRASES.items() for phrase in phrases.split("|")}
)
