"""The whole of one run, and how its file is read and checked."""

import codecs
import hashlib
import re
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sagetrade_nautilus.config.bot import BotConfig
from sagetrade_nautilus.config.brokers import why_not_at_broker
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.config.execution import ExecutionConfig
from sagetrade_nautilus.config.experiments import ExperimentsConfig
from sagetrade_nautilus.config.hints import readable
from sagetrade_nautilus.config.limits import BreakerConfig, LimitConfig
from sagetrade_nautilus.config.llm import LlmConfig
from sagetrade_nautilus.config.market import CostConfig, DataConfig, VenueConfig
from sagetrade_nautilus.config.messaging import IngestConfig, MessagingConfig
from sagetrade_nautilus.config.news import NewsConfig
from sagetrade_nautilus.config.node import NodeConfig
from sagetrade_nautilus.config.ops import OpsConfig
from sagetrade_nautilus.config.pool import PoolConfig
from sagetrade_nautilus.config.promotion import PromotionPolicy
from sagetrade_nautilus.config.section import Section
from sagetrade_nautilus.config.signals import AggregatorConfig, QuantConfig, TextConfig
from sagetrade_nautilus.config.trading import SelectorConfig, SizingConfig, StrategyEntry
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError, cause


class ReportConfig(Section, frozen=True):
    """The report.

    Parameters
    ----------
    directory : str
        Where reports go, each into a folder of its own that is called by the run's name and digest.
    bootstrap_samples : int
        How many bootstrap samples stand behind an interval.
    seed : int
        Seed of the bootstrap.
    """

    directory: str = "runs"
    bootstrap_samples: Annotated[int, Meta(ge=100)] = 1_000
    seed: int = 7


class RunConfig(Section, frozen=True):
    """The whole of one run.

    Parameters
    ----------
    name : str
        What the run is called; its report's folder begins with it.
    data, venue, costs, quant, news, text, aggregator : Section
        What is read, where it is traded and at what cost, and how signals are made of it.
    strategies, selector, sizing, execution, limits, breaker, report : Section
        Who decides, how large and how orders are sent, what holds them back, and what is reported.
    canary : Section, optional
        The plan by which it goes live; without it, it does not.
    node : Section
        How a replay, paper trading and live trading run.
    ops : Section
        What a node tells of itself.
    messaging, ingest : Section
        Those of the processes beside a node.
    promotion : Section
        What evidence a proposal needs to be recommended to a person.
    pool : Section
        Where the many runs of a search are made.
    experiments : Section
        How changes to this run are proposed and measured.
    llm : Section
        The language model that may be asked.
    bot : Section
        The Telegram bot.
    """

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*\Z", examples=["demo", "my-run_2"])]
    data: DataConfig
    strategies: Annotated[list[StrategyEntry], Meta(min_length=1)]
    venue: VenueConfig = VenueConfig()
    costs: CostConfig = CostConfig()
    quant: QuantConfig = QuantConfig()
    news: NewsConfig = NewsConfig()
    text: TextConfig = TextConfig()
    aggregator: AggregatorConfig = AggregatorConfig()
    selector: SelectorConfig = SelectorConfig()
    sizing: SizingConfig = SizingConfig()
    execution: ExecutionConfig = ExecutionConfig()
    limits: LimitConfig = LimitConfig()
    breaker: BreakerConfig = BreakerConfig()
    canary: CanaryConfig | None = None
    node: NodeConfig = NodeConfig()
    ops: OpsConfig = OpsConfig()
    messaging: MessagingConfig = MessagingConfig()
    ingest: IngestConfig = IngestConfig()
    promotion: PromotionPolicy = PromotionPolicy()
    pool: PoolConfig = PoolConfig()
    experiments: ExperimentsConfig = ExperimentsConfig()
    llm: LlmConfig = LlmConfig()
    bot: BotConfig = BotConfig()
    report: ReportConfig = ReportConfig()

    def only(self, entry: StrategyEntry) -> "RunConfig":
        """Return the run with this strategy alone."""
        return msgspec.structs.replace(self, strategies=[entry])

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form: two files that mean the same have the same digest."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


def load(path: Path) -> RunConfig:
    """Read and check the run configuration at `path`.

    Raises
    ------
    ConfigError
        The file is missing or no TOML, a key is unknown, a value has the wrong type or is infinite, or values
        contradict.
    """
    try:
        raw = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; configs/demo.toml is an example") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {cause(error)}") from None
    try:
        config = msgspec.toml.decode(raw, type=RunConfig)
    except UNDECODABLE as error:
        raise ConfigError(f"{path}: {readable(error, raw, RunConfig)}") from None
    for key in _infinite(msgspec.to_builtins(config)):
        raise ConfigError(f"{path}: `{key}`: it must be a finite number; leave a limit out where it may be")
    _check(path, config)
    return config


def _infinite(value: Any, key: str = "") -> Iterator[str]:
    """Yield where a number is infinite or none: no comparison with it would hold, and JSON has no word for it."""
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _infinite(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, float) and not isfinite(value):
        yield key


def _check(path: Path, config: RunConfig) -> None:
    """Refuse values that are each sound and together are not."""
    data, weights = config.data, config.aggregator
    labels = [entry.label for entry in config.strategies]
    listed = set(data.instruments)
    faults = {
        "data.end": data.end <= data.start and f"{data.end} is not after data.start {data.start}",
        "data.instruments": (len(listed) < len(data.instruments) and "an instrument is named twice")
        or (config.canary is not None and why_not_at_broker(data.instruments)),
        "aggregator": weights.quant_weight + weights.text_weight <= 0 and "both weights are 0",
        "execution.first_slippage_bps": config.execution.first_slippage_bps > config.execution.max_slippage_bps
        and f"{config.execution.first_slippage_bps} is above max_slippage_bps {config.execution.max_slippage_bps}",
        "node.execution": config.node.data != "replay"
        and config.node.execution != "paper"
        and f"'{config.node.execution}' is for a catalog that is played; a feed of {config.node.data} needs 'paper'",
        "execution.memory": config.execution.memory == "redis" and _no_memory_in_redis(config),
        "messaging.scoring": config.messaging.scoring == "workers"
        and config.messaging.backend == "embedded"
        and "'workers' needs `messaging.backend` = 'redis'",
        "bot.base_url": not re.match(r"https:|http://(127\.0\.0\.1|localhost)[:/]", f"{config.bot.base_url}/")
        and "the token stands in every address, so it goes over https, or stays on this machine",
        "strategies": len(set(labels)) < len(labels)
        and f"names must differ, got {', '.join(labels)}; set `name` to run a plugin twice",
        **_not_at_home(config),
    }
    for feature in config.quant.features:
        slow = feature.slow_length
        if feature.kind == "ema_cross" and (slow is None or slow <= feature.length):
            faults["quant.features"] = "ema_cross needs a slow_length above its length"
    for rule in config.selector.rules:
        unknown = sorted(set(rule.shares) - set(labels))
        if unknown:
            faults["selector.rules"] = f"{unknown[0]!r} is not one of the strategies {', '.join(labels)}"
    for entry in config.strategies:
        strange = sorted(set(entry.instruments or ()) - listed)
        if strange:
            faults[f"strategies.{entry.label}.instruments"] = f"{strange[0]!r} is not in data.instruments"
    guarded = {
        *config.limits.max_order_quantity,
        *(name for names in config.limits.clusters.values() for name in names),
    }
    faults["limits"] = not guarded <= listed and f"{min(guarded - listed)!r} is not in data.instruments"
    for key, fault in faults.items():
        if fault:
            raise ConfigError(f"{path}: `{key}`: {fault}")


def _not_at_home(config: RunConfig) -> dict[str, str]:
    """Return what is wrong with folders that begin with `~`, which a shell knows and a file does not."""
    named = {
        "data.catalog": config.data.catalog,
        "node.state": config.node.state,
        "node.record": config.node.record,
        "ingest.queue": config.ingest.queue,
        "experiments.directory": config.experiments.directory,
        "report.directory": config.report.directory,
    }
    return {key: f"{name!r}: write your home out, `~` is none here" for key, name in named.items() if name[:1] == "~"}


def _no_memory_in_redis(config: RunConfig) -> str | None:
    """Return why Redis could not remember the run's orders."""
    if config.messaging.backend != "redis":
        return "'redis' is the Redis of `messaging`: set `messaging.backend` = 'redis' too"
    if config.node.record:
        return "'redis' and `node.record` exclude each other: Nautilus would write Redis's password into the record"
    return None
