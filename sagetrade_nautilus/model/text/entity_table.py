"""The names that entity linking knows, as data."""

from typing import Final, NamedTuple

MARKET: Final = "CRYPTO"


class Coin(NamedTuple):
    """One coin.

    Parameters
    ----------
    symbol : str
        Its canonical symbol.
    tickers : str
        Symbols that mean it in any case: they are no words of their own.
    capitals : str
        Symbols that are also words or names: they count in capitals, or after ``$``.
    names : tuple[str, ...]
        Names in lower case, folded; one to three words, in English and Arabic (without the article).
    """

    symbol: str
    tickers: str
    capitals: str
    names: tuple[str, ...]


COINS: Final = (
    Coin("BTC", "btc xbt wbtc", "", (
        "bitcoin", "bitcoins", "bitcoiner", "bitcoiners", "بيتكوين", "بتكوين", "بيت كوين",
    )),
    Coin("ETH", "eth weth steth", "", (
        "ethereum", "ether", "ethereums", "etherium", "ايثيريوم", "اثيريوم", "ايثريوم",
        "اثريوم", "ايثر",
    )),
    Coin("BNB", "bnb", "", ("binance coin", "binance smart chain", "bnb chain", "بينانس كوين")),
    Coin("XRP", "xrp", "", ("ripple", "xrp ledger", "ريبل")),
    Coin("SOL", "", "SOL", ("solana", "سولانا")),
    Coin("ADA", "", "ADA", ("cardano", "كاردانو")),
    Coin("DOGE", "doge", "", ("dogecoin", "دوجكوين", "دوج كوين", "دوجيكوين")),
    Coin("TRX", "trx", "", ("tron network", "tron blockchain", "tron dao", "ترون")),
    Coin("AVAX", "avax", "", ("avalanche avax", "avalanche blockchain", "avalanche network", "افالانش")),
    Coin("DOT", "", "DOT", ("polkadot", "بولكادوت")),
    Coin("MATIC", "matic", "POL", (
        "polygon network", "polygon matic", "polygon studios", "polygon zkevm", "بوليجون",
    )),
    Coin("LINK", "", "LINK", ("chainlink", "تشينلينك")),
    Coin("LTC", "ltc", "", ("litecoin", "لايتكوين", "ليتكوين")),
    Coin("BCH", "bch", "", ("bitcoin cash", "بيتكوين كاش")),
    Coin("BSV", "bsv", "", ("bitcoin sv", "bitcoin satoshi vision")),
    Coin("ETC", "", "ETC", ("ethereum classic", "ايثيريوم كلاسيك")),
    Coin("XLM", "xlm", "", ("stellar lumens", "stellar network", "stellar xlm", "ستيلر")),
    Coin("XMR", "xmr", "", ("monero", "مونيرو")),
    Coin("ATOM", "", "ATOM", ("cosmos atom", "cosmos hub", "cosmos network", "كوزموس")),
    Coin("NEAR", "", "NEAR", ("near protocol", "near blockchain")),
    Coin("UNI", "", "UNI", ("uniswap", "يونيسواب")),
    Coin("ALGO", "", "ALGO", ("algorand", "الجوراند")),
    Coin("SHIB", "shib", "", ("shiba inu", "shibarium", "شيبا اينو", "شيبا")),
    Coin("LUNA", "", "LUNA LUNC", (
        "terra luna", "luna classic", "terra classic", "terra blockchain", "terraform labs", "do kwon",
        "تيرا لونا",
    )),
    Coin("UST", "ustc", "", ("terrausd", "terra usd")),
    Coin("USDT", "usdt", "", ("tether", "تيثر")),
    Coin("USDC", "usdc", "", ("usd coin",)),
    Coin("DAI", "", "DAI", ("makerdao",)),
    Coin("FIL", "", "FIL", ("filecoin", "فايلكوين")),
    Coin("ICP", "", "ICP", ("internet computer",)),
    Coin("AAVE", "aave", "", ()),
    Coin("FTM", "ftm", "", ("fantom",)),
    Coin("SAND", "", "SAND", ("the sandbox",)),
    Coin("MANA", "", "MANA", ("decentraland",)),
    Coin("AXS", "axs", "", ("axie infinity", "ronin bridge", "ronin network")),
    Coin("APE", "", "APE", ("apecoin",)),
    Coin("ONE", "", "ONE", ("harmony protocol", "harmony blockchain", "harmony bridge", "harmony one")),
    Coin("VET", "", "VET", ("vechain",)),
    Coin("XTZ", "xtz", "", ("tezos",)),
    Coin("EOS", "eos", "", ()),
    Coin("ZEC", "zec", "", ("zcash",)),
    Coin("THETA", "", "THETA", ("theta network", "theta token")),
    Coin("RUNE", "", "RUNE", ("thorchain",)),
    Coin("WAVES", "", "WAVES", ("waves platform", "waves blockchain")),
    Coin("CRO", "", "CRO", ("cronos",)),
    Coin("FTT", "ftt", "", ("ftx token",)),
    Coin("CEL", "", "CEL", ("celsius token",)),
    Coin("HBAR", "hbar", "", ("hedera",)),
    Coin("ARB", "", "ARB", ("arbitrum",)),
    Coin("OP", "", "OP", ("optimism network", "optimism foundation", "optimism token")),
    Coin("TON", "", "TON", ("toncoin", "تونكوين")),
    Coin("SUI", "", "SUI", ("sui network",)),
    Coin("APT", "", "APT", ("aptos blockchain", "aptos network")),
    Coin("PEPE", "pepe", "", ()),
)  # fmt: skip

# Names that are also words. They count beside a word of `CRYPTO_CONTEXT` or another coin, capitalised.
DOUBTFUL_NAMES: Final = {
    "Avalanche": "AVAX",
    "Polygon": "MATIC",
    "Cosmos": "ATOM",
    "Stellar": "XLM",
    "Terra": "LUNA",
    "Luna": "LUNA",
    "Tron": "TRX",
    "TRON": "TRX",
    "Waves": "WAVES",
    "Aptos": "APT",
    "Sandbox": "SAND",
    "Sui": "SUI",
}

CRYPTO_CONTEXT: Final = frozenset(
    str.split("""
    crypto cryptocurrency cryptocurrencies cryptos token tokens tokenize tokenized tokenization
    blockchain blockchains coin coins defi dapp dapps dao daos nft nfts stablecoin stablecoins
    altcoin altcoins airdrop staking stakers validator validators mainnet testnet wallet wallets
    hodl hodlers satoshi web3 metaverse gamefi layer2 l2 decentralized decentralised onchain
    exchange binance coinbase kraken ftx bitfinex okx kucoin huobi bybit gemini celsius blockfi
    voyager grayscale microstrategy metamask opensea kwon lfg ust cbdc cbdcs etp etps protocol
    """)
)

# Each names the crypto market by itself.
MARKET_NAMES: Final = (
    "crypto", "cryptos", "cryptocurrency", "cryptocurrencies", "cryptoasset", "cryptoassets", "altcoin",
    "altcoins", "memecoin", "memecoins", "shitcoin", "shitcoins", "stablecoin", "stablecoins", "defi",
    "decentralized finance", "decentralised finance", "digital asset", "digital assets",
    "digital currency", "digital currencies", "virtual assets", "virtual currency", "virtual currencies",
    "blockchain", "blockchains", "web3", "cbdc", "cbdcs", "binance", "coinbase", "kraken", "ftx",
    "bitfinex", "okx", "kucoin", "huobi", "bybit", "bitmex", "mt gox", "celsius network", "blockfi",
    "voyager digital", "three arrows capital", "3ac", "alameda research", "grayscale", "microstrategy",
    "عملات رقميه", "عمله رقميه", "عملات مشفره", "عمله مشفره", "كريبتو", "بلوكتشين", "بلوك تشين",
    "العملات الرقميه", "العملات المشفره", "اصول رقميه", "الاصول الرقميه", "بينانس", "كوين بيس",
)  # fmt: skip

# What moves every market.
MACRO_NAMES: Final = (
    "fed", "federal reserve", "fomc", "powell", "ecb", "european central bank", "bank of england",
    "bank of japan", "interest rate", "interest rates", "rate hike", "rate hikes", "rate cut",
    "rate cuts", "monetary policy", "quantitative easing", "quantitative tightening", "inflation", "cpi",
    "recession", "nonfarm payrolls", "jobs report", "us dollar index", "treasury yields",
    "بنك الاحتياطي الفيدرالي", "الاحتياطي الفيدرالي", "فائده", "تضخم", "اسعار الفائده",
)  # fmt: skip

# Regulators and their acts concern this market only where the text also names a coin or has crypto context.
REGULATION_NAMES: Final = (
    "sec", "cftc", "finra", "doj", "fincen", "ofac", "imf", "fatf", "esma", "mica", "regulator",
    "regulators", "regulation", "regulations", "regulatory", "lawmakers", "congress", "senate",
    "executive order", "crackdown", "legislation", "هيئه الاوراق الماليه", "تنظيم",
)  # fmt: skip

# Written after ``$`` and not a security.
NOT_CASHTAGS: Final = frozenset(
    str.split("""
    USD US AUD CAD EUR GBP JPY HKD SGD NZD B M K BN MN T MLN BLN TRLN
    """)
)

# Tickers that are English words: from a ticker list they count only after ``$`` or an exchange's name.
WORD_TICKERS: Final = frozenset(
    str.split("""
    A AI ALL AM AN ARE AS AT BE BIG CAN CAR CASH CEO CFO COST DO EAT FAST FOR FUN GO GOOD HAS HE
    HOPE IT KEY LIFE LOVE LOW MAN NEW NEXT NICE NOW OLD ON ONE OPEN OR OUT PAY PLAY POST REAL RUN
    SAVE SEE SO TALK TECH TRUE TWO UP USA VERY WELL WORK YOU
    """)
)
EXCHANGE_NAMES: Final = frozenset({"nasdaq", "nyse", "amex", "nysearca", "otc", "otcmkts", "lse", "tsx"})
