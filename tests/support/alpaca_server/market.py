"""Prices of the past that follow from their time alone, in pages."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
NEW_YORK = ZoneInfo("America/New_York")
STEPS = {"Min": 60, "Hour": 3600, "Day": 86400}
ASSETS = {
    "AAPL": ("us_equity", "NASDAQ"),
    "MSFT": ("us_equity", "NASDAQ"),
    "BTC/USD": ("crypto", "CRYPTO"),
    "HALT": ("us_equity", "NYSE"),
}
BASES = {"AAPL": 100.0, "MSFT": 300.0, "BTC/USD": 50_000.0}


def asset(symbol: str) -> Json:
    kind, exchange = ASSETS[symbol]
    crypto = kind == "crypto"
    found = {
        "id": "904837e3-3b76-47ec-b432-046db621571b",
        "class": kind,
        "exchange": exchange,
        "symbol": symbol,
        "name": f"{symbol} of the tests",
        "status": "active",
        "tradable": symbol != "HALT",
        "marginable": not crypto,
        "maintenance_margin_requirement": 100 if crypto else 30,
        "shortable": not crypto,
        "easy_to_borrow": not crypto,
        "fractionable": True,
        "attributes": [],
    }
    if crypto:
        found |= {"min_order_size": "0.00002", "min_trade_increment": "0.000000001", "price_increment": "0.01"}
    return found


def moment(text: str) -> datetime:
    """Read a time with any number of decimals of a second."""
    text = text.replace("Z", "+00:00")
    head, _, rest = text.partition(".")
    if rest:
        digits = rest.split("+", maxsplit=1)[0].split("-", maxsplit=1)[0]
        text = f"{head}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}"
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def rows(kind: str, symbol: str, start: datetime, end: datetime, timeframe: str = "1Min") -> list[Json]:
    """Return one row a step: bars of `timeframe`, and a trade or a quote every second."""
    if kind == "bars":
        unit = timeframe.lstrip("0123456789")
        step = timedelta(seconds=int(timeframe.removesuffix(unit)) * STEPS[unit])
    else:
        step = timedelta(seconds=1)
    epoch = datetime(2020, 1, 1, tzinfo=UTC)
    if kind == "bars" and unit == "Day" and "/" not in symbol:  # a stock's day begins at midnight in New York
        return _days(symbol, start, end)
    number = -((start - epoch) // -step)
    found = []
    while epoch + number * step <= end:
        found.append(_row(kind, symbol, epoch + number * step, number))
        number += 1
    return found


def _days(symbol: str, start: datetime, end: datetime) -> list[Json]:
    midnight = start.astimezone(NEW_YORK).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (midnight + timedelta(days=number) for number in range((end - start).days + 3))
    return [_row("bars", symbol, day.astimezone(UTC), day.day) for day in days if start <= day <= end]


def calendar_day(date: str, close: str = "16:00") -> Json:
    """Return a trading day as the calendar has it; the market closes early where `close` says so."""
    return {"date": date, "open": "09:30", "close": close, "session_open": "0400", "session_close": "2000"}


def is_traded(row: Json, symbol: str, timeframe: str, days: Collection[Json], silent: Collection[str]) -> bool:
    """Tell whether a bar of a stock exists: it lies in the hours of a trading day, and somebody traded."""
    if "/" in symbol:
        return row["t"] not in silent
    at = moment(row["t"]).astimezone(NEW_YORK)
    hours = {day["date"]: (day["session_open"], day["session_close"]) for day in days}.get(f"{at:%Y-%m-%d}")
    within = hours is not None and (timeframe.endswith("Day") or hours[0] <= f"{at:%H%M}" < hours[1])
    return within and row["t"] not in silent


def _row(kind: str, symbol: str, at: datetime, number: int) -> Json:
    price = BASES[symbol] + number % 60 / 100
    time = f"{at:%Y-%m-%dT%H:%M:%S}Z"
    crypto = "/" in symbol
    if kind == "bars":
        prices = {"o": price, "h": round(price + 0.05, 2), "l": round(price - 0.05, 2), "c": round(price + 0.01, 2)}
        return {"t": time, **prices, "v": 100 + number % 7, "n": 3, "vw": price}
    if kind == "trades":
        size = 0.5 if crypto else 10 + number % 3
        exact = {"t": time.replace("Z", ".123456789Z"), "p": price, "s": size, "i": number}
        return exact | ({"tks": "B" if number % 2 else "S"} if crypto else {"x": "V", "c": ["@"], "z": "C"})
    found = {"t": time, "bp": price, "bs": 1 + number % 3, "ap": round(price + 0.02, 2), "as": 2}
    return found if crypto else found | {"bx": "V", "ax": "V", "c": ["R"], "z": "C"}


def page(
    kind: str, query: dict[str, str], page_rows: int, days: Collection[Json] | None = None, silent: Collection[str] = ()
) -> Json:
    """Return one answer, and the token of the next one; of bars, with `days`, those that `is_traded` says exist."""
    now = datetime.now(UTC)
    start = moment(query["start"]) if "start" in query else now.replace(hour=0, minute=0, second=0, microsecond=0)
    end = min(moment(query["end"]) if "end" in query else now, now)
    found = [
        (symbol, row)
        for symbol in query["symbols"].split(",")
        for row in rows(kind, symbol, start, end, query.get("timeframe", "1Min"))
    ]
    if kind == "bars" and days is not None:
        frame = query.get("timeframe", "1Min")
        found = [(symbol, row) for symbol, row in found if is_traded(row, symbol, frame, days, silent)]
    if query.get("sort") == "desc":
        found.reverse()
    offset = int(query.get("page_token") or 0)
    size = min(int(query.get("limit") or 1000), page_rows)
    answer: dict[str, list[Json]] = {}
    for symbol, row in found[offset : offset + size]:
        answer.setdefault(symbol, []).append(row)
    return {kind: answer, "next_page_token": str(offset + size) if offset + size < len(found) else None}
