"""Targets: the files that people write, and the commands that they give."""

import os
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

from adapters.replay.pace import Control, parse_command, parse_moment, parse_speed
from catalog.bartypes import parse_bar_spec
from catalog.instruments import parse_instrument_id
from sagetrade_nautilus.config import load
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError, DataError, OrderError
from sagetrade_nautilus.execution.order_types import ORDER_TYPES, read_params
from sagetrade_nautilus.experiments.changes import edited, with_strategy
from sagetrade_nautilus.secrets import find_secret, present
from tests.fuzz.target import Target, folder, put, refused, text_of
from tests.support.checkout import ROOT

RUNS = tuple(path.read_bytes() for path in sorted((ROOT / "configs").glob("*.toml")))
SMALL = b"""
name = "small"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-05-01
end = 2022-05-02
[limits]
max_spread_bps = 100.0
[[strategies]]
plugin = "momentum_scalper"
params = { threshold = 0.5 }
"""
ODD = (
    SMALL.replace(b"100.0", b"inf"),
    SMALL.replace(b"0.5", b"nan"),
    SMALL.replace(b'"small"', b'"small\\n"'),
    SMALL + b"deep = " + b"[" * 5_000,
    SMALL.replace(b"100.0", b"9" * 5_000),
)


def run_file(raw: bytes) -> None:
    path = put(folder("config") / "run.toml", raw)
    with refused(ConfigError, naming="run.toml"):
        config = load(path)
        assert config.name.isascii()
        assert config.name.isprintable()
        assert all(entry.label.isidentifier() for entry in config.strategies)
        assert all(isfinite(number) for number in _floats(msgspec.to_builtins(config)))
        again = msgspec.json.decode(msgspec.json.encode(config), type=type(config))
        assert again.digest == config.digest


def _floats(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _floats(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in _floats(inner)]
    return [value] if isinstance(value, float) else []


def proposed_change(raw: bytes) -> None:
    text = text_of(raw)
    with refused(ConfigError):
        edited(with_strategy(text, "new_plugin", {"x": 1.0}), {"limits.max_spread_bps": 50.0})


def secrets_file(raw: bytes) -> None:
    path = put(folder("secrets") / "secrets.env", raw)
    present(environment={}, path=path)
    with refused(ConfigError):
        secret = find_secret("LLM_API_KEY", environment={}, path=path)
        assert secret is None or secret.reveal().isprintable()
    with refused(ConfigError):
        find_secret("LLM_API_KEY", environment={"LLM_API_KEY_FILE": str(path)}, path=Path(os.devnull))


def control_file(raw: bytes) -> None:
    path = put(folder("control") / "control", raw)
    told: list[str] = []
    command = Control(path, told.append).take()
    assert not path.exists()
    assert told or not text_of(raw[:200]).strip()
    assert command.speed is None or 0.0 <= command.speed < float("inf")
    for parse in (parse_command, parse_speed, parse_moment):
        with refused(ConfigError):
            parse(text_of(raw))


def market_names(raw: bytes) -> None:
    text = text_of(raw)
    with refused(DataError):
        assert parse_instrument_id(text).value == text
    with refused(DataError):
        assert parse_bar_spec(text).step_ns > 0


def order_params(raw: bytes) -> None:
    try:
        params = msgspec.json.decode(raw, type=dict[str, Any])
    except (*UNDECODABLE, UnicodeError):
        return
    for kind in ORDER_TYPES:
        with refused(OrderError, naming=kind):
            read_params(kind, params)


ODD_CHANGES = (
    b"strategies = 1",
    b"[[strategies]]\nname = 1\n[selector]\nrules = 3",
    b"[limits]\n[limits.x]\n[selector]",
)
ODD_NAMES = tuple(
    name.encode() for name in ("BTC.\u017f", "K1.\u212a", "1-M\u0130NUTE-LAST", "1-MINUTE-LA\u017fT", "A.B\n")
)
TARGETS = {
    "config": Target((*RUNS, SMALL, *ODD), run_file),
    "config-change": Target((SMALL, *ODD, *ODD_CHANGES), proposed_change, slow=True),
    "secrets": Target((b"LLM_API_KEY=abc\n", b"export A='b'\n# c\nLLM_API_KEY=\"x\"\n", b"no"), secrets_file),
    "control": Target(
        (b"pause", b"play\n", b"speed 60", b"speed max", b"jump 2022-03-02T10:00", b"jump 9999-12-31T23:59-23:59"),
        control_file,
    ),
    "market-names": Target(
        (b"BTCUSDT.BINANCE", b"BRK.B.NYSE", b"BTC/USD.ALPACA", b"5-MINUTE-LAST", *ODD_NAMES), market_names
    ),
    "order-params": Target(
        (b'{"price": 1.5}', b'{"trail_pct": 1, "x": []}', b'{"price": "1e999999999"}'), order_params
    ),
}
