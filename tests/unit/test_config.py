"""Configuration: what fits is decoded, everything else stops the start and is named."""

from pathlib import Path

import pytest

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ConfigError

GOOD = """
name = "x"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-01-01
end = 2022-02-01
[[strategies]]
plugin = "momentum_scalper"
"""


def _load(folder: Path, text: str) -> RunConfig:
    path = folder / "run.toml"
    path.write_text(text)
    return load(path)


def test_a_minimal_file_gets_safe_defaults(tmp_path: Path) -> None:
    config = _load(tmp_path, GOOD)
    assert config.limits.max_daily_loss_pct == 3.0
    assert config.venue.leverage == 1.0
    assert config.strategies[0].label == "momentum_scalper"


def test_every_configuration_that_is_shipped_is_sound(project_root: Path) -> None:
    shipped = sorted((project_root / "configs").glob("*.toml"))
    assert {"demo", "ingest"} <= {path.stem for path in shipped}
    assert all(load(path).name for path in shipped)


@pytest.mark.parametrize("key", ["password", "redis_password", "api_key", "bearer_token"])
def test_a_password_in_a_run_file_is_refused_unseen_and_sent_to_where_it_belongs(tmp_path: Path, key: str) -> None:
    text = GOOD.replace("[[strategies]]", f'[messaging]\n{key} = "CANARY"\n[[strategies]]')
    with pytest.raises(ConfigError, match=f"`{key}`.*put it into config/secrets.env") as caught:
        _load(tmp_path, text)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("host", ["redis://desk:CANARY@example.org:6379", "desk:CANARY@example.org", "a b", ""])
def test_an_address_with_a_password_in_the_place_of_a_host_is_refused_unseen(tmp_path: Path, host: str) -> None:
    text = GOOD.replace("[[strategies]]", f'[messaging]\nhost = "{host}"\n[[strategies]]')
    with pytest.raises(ConfigError, match=r"messaging\.host") as caught:
        _load(tmp_path, text)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("name =", "nam ="), "nam"),
        (("start = 2022-01-01", "start = 5"), "data.start"),
        (("end = 2022-02-01", "end = 2021-02-01"), "data.end"),
        (("end = 2022-02-01", 'end = 2022-02-01\ncatalog = "~/data"'), "data.catalog"),
        (("[[strategies]]", '[node]\nstate = "~/state"\n[[strategies]]'), "node.state"),
        (("[[strategies]]", "[limits]\nmax_open_trade = 3\n[[strategies]]"), "max_open_trade"),
        (("[[strategies]]", "[limits]\nmax_daily_loss_pct = 0.0\n[[strategies]]"), "limits.max_daily_loss_pct"),
        (("[[strategies]]", "[execution]\nmax_slippage_bps = 0.5\n[[strategies]]"), "execution.first_slippage_bps"),
        (("[[strategies]]", "[costs]\ntaker_fee_bps = -1.0\n[[strategies]]"), "costs.taker_fee_bps"),
        (("[[strategies]]", "[aggregator]\nquant_weight=0.0\ntext_weight=0.0\n[[strategies]]"), "aggregator"),
        (('["BTCUSDT.BINANCE"]', '["BTCUSDT.BINANCE","BTCUSDT.BINANCE"]'), "data.instruments"),
        (('"momentum_scalper"', '"momentum_scalper"\n[[strategies]]\nplugin="momentum_scalper"'), "strategies"),
        (('"momentum_scalper"', '"momentum_scalper"\ninstruments=["ETHUSDT.BINANCE"]'), "ETHUSDT"),
        (('"momentum_scalper"', '"os:system"'), "plugin"),
        (
            ("[[strategies]]", "[[selector.rules]]\nshares = {nobody = 1.0}\n[[strategies]]"),
            "nobody",
        ),
        (
            ("[[strategies]]", '[[quant.features]]\nkind="ema_cross"\nlength=9\nweight=1.0\n[[strategies]]'),
            "slow_length",
        ),
        (("[[strategies]]", '[messaging]\nscoring="workers"\n[[strategies]]'), "messaging.scoring"),
        (("[[strategies]]", '[execution]\nmemory="redis"\n[[strategies]]'), "execution.memory"),
        (
            (
                "[[strategies]]",
                '[execution]\nmemory="redis"\n[messaging]\nbackend="redis"\n[node]\nrecord="x"\n[[strategies]]',
            ),
            "execution.memory",
        ),
        (("[[strategies]]", '[bot]\nbase_url="http://example.org"\n[[strategies]]'), "bot.base_url"),
        (("[[strategies]]", '[bot]\nbase_url="http://localhost.example.org"\n[[strategies]]'), "bot.base_url"),
        (("[[strategies]]", '[bot]\nauto_approve=["resume"]\n[[strategies]]'), "bot.auto_approve"),
        (("[[strategies]]", '[bot.users]\nanna="owner"\n[[strategies]]'), "bot.users"),
        (("[[strategies]]", '[bot.users]\n-100="owner"\n[[strategies]]'), "bot.users"),
        (("[[strategies]]", '[bot.users]\n7="admin"\n[[strategies]]'), "bot.users"),
        (("[[strategies]]", '[bot]\ntoken="1:a"\n[[strategies]]'), "config/secrets.env"),
        (("[data]", "[data"), "run.toml"),
    ],
)
def test_what_does_not_fit_is_refused_and_named(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD.replace(*change))
    assert named in str(caught.value)


CANARY = '[canary]\nrollback = "whoever is on call halts it"\n[[strategies]]'


@pytest.mark.parametrize(
    ("name", "why"), [("BTC/USD.KRAKEN", "to ALPACA alone"), ("BTCUSDT.BINANCE", "to ALPACA alone")]
)
def test_a_plan_to_go_live_with_what_cannot_be_traded_at_a_broker_is_refused_as_it_is_read(
    tmp_path: Path, name: str, why: str
) -> None:
    file = GOOD.replace("BTCUSDT.BINANCE", name)
    said = f"`data.instruments`: '{name}' cannot be traded at a broker: .*{why}.*`sagetool paper`, without `\\[canary]`"
    with pytest.raises(ConfigError, match=said):
        _load(tmp_path, file.replace("[[strategies]]", CANARY))
    assert _load(tmp_path, file).canary is None


def test_a_plan_to_go_live_with_stocks_at_alpaca_is_read(tmp_path: Path) -> None:
    assert _load(tmp_path, GOOD.replace("BTCUSDT.BINANCE", "AAPL.ALPACA").replace("[[strategies]]", CANARY)).canary


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('name = "x"\n', ""), "the key `name` is missing; add it"),
        (("name =", "nmae ="), "unknown key `nmae`; did you mean `name`?"),
        (("[data]", "[data]\nzzz = 1"), "unknown key `zzz` - at `data`; there are instruments, start, end"),
        (("[data]", '[venue]\naccount = "magic"\n[data]'), "`venue.account`; it can be 'cash', 'margin'"),
        (("[data]", '[[quant.features]]\nkind = "rsii"\n[data]'), "`quant.features[0].kind`; it can be 'ema_cross', "),
        (('name = "x"', 'name = "x y"'), "at `name`; for example 'demo', 'my-run_2'"),
        (("[[strategies]]", "[strategies]"), "at `strategies`; it may be there more than once: write [[strategies]]"),
        (('name = "x"', 'name = "x'), "no TOML: Illegal character '\\n' (at line 2, column 10)"),
    ],
)
def test_what_does_not_fit_is_told_with_what_could_stand_there(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, GOOD.replace(*change, 1))
    assert said in str(caught.value)


def test_a_file_of_another_encoding_is_told_its_line(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_bytes(GOOD.encode() + b"# caf\xe9")
    with pytest.raises(ConfigError, match="line 9 is not UTF-8 text; save the file as UTF-8"):
        load(path)


def test_the_mark_that_some_editors_put_first_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load(path).name == "x"


def test_a_missing_file_is_named_with_an_example(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file; configs/demo\.toml"):
        load(tmp_path / "nowhere.toml")


def test_files_that_mean_the_same_have_the_same_digest(tmp_path: Path) -> None:
    spaced = GOOD.replace('name = "x"', '# a comment\nname    =    "x"')
    explicit = GOOD + "\n[limits]\nmax_open_trades = 4\n"
    other = GOOD + "\n[limits]\nmax_open_trades = 5\n"
    digests = [_load(tmp_path, text).digest for text in (GOOD, spaced, explicit, other)]
    assert digests[0] == digests[1] == digests[2] != digests[3]


@pytest.mark.parametrize("number", ["inf", "-inf", "nan"])
def test_a_number_without_bounds_is_refused_by_its_place(tmp_path: Path, number: str) -> None:
    with pytest.raises(ConfigError, match=r"strategies\.0\.params\.x`: it must be a finite number"):
        _load(tmp_path, GOOD + f"params = {{ x = {number} }}\n")


def test_no_limit_is_lifted_by_an_infinite_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"limits\.max_spread_bps"):
        _load(tmp_path, GOOD.replace("[[strategies]]", "[limits]\nmax_spread_bps = inf\n[[strategies]]"))


@pytest.mark.parametrize("text", ['name = "x\\n"', "x = " + "[" * 20_000, "x = " + "9" * 5_000])
def test_a_name_with_a_line_s_end_and_what_no_decoder_takes_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"run\.toml"):
        _load(tmp_path, GOOD.replace('name = "x"', text))
