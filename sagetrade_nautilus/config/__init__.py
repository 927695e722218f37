"""One TOML file describes one run. It is decoded into frozen structs; whatever does not fit stops the start.

Every section has defaults that are safe for a backtest. Unknown keys, wrong types and contradictions raise
`ConfigError` naming the file and the key.
"""

from sagetrade_nautilus.config.bot import BotConfig
from sagetrade_nautilus.config.execution import ExecutionConfig
from sagetrade_nautilus.config.experiments import (
    ExperimentsConfig,
    ParameterRange,
    ProposalCanaryConfig,
    SearchConfig,
)
from sagetrade_nautilus.config.limits import BreakerConfig, LimitConfig
from sagetrade_nautilus.config.llm import LlmConfig
from sagetrade_nautilus.config.market import CostConfig, DataConfig, VenueConfig
from sagetrade_nautilus.config.messaging import IngestConfig, MessagingConfig
from sagetrade_nautilus.config.news import NewsConfig
from sagetrade_nautilus.config.node import NodeConfig
from sagetrade_nautilus.config.ops import OpsConfig
from sagetrade_nautilus.config.run import ReportConfig, RunConfig, load
from sagetrade_nautilus.config.section import Section
from sagetrade_nautilus.config.signals import (
    AggregatorConfig,
    EmbeddingsConfig,
    QuantConfig,
    QuantFeature,
    TextConfig,
    TransformersConfig,
)
from sagetrade_nautilus.config.trading import SelectorConfig, SelectorRule, SizingConfig, StrategyEntry

__all__ = [
    "AggregatorConfig",
    "BotConfig",
    "BreakerConfig",
    "CostConfig",
    "DataConfig",
    "EmbeddingsConfig",
    "ExecutionConfig",
    "ExperimentsConfig",
    "IngestConfig",
    "LimitConfig",
    "LlmConfig",
    "MessagingConfig",
    "NewsConfig",
    "NodeConfig",
    "OpsConfig",
    "ParameterRange",
    "ProposalCanaryConfig",
    "QuantConfig",
    "QuantFeature",
    "ReportConfig",
    "RunConfig",
    "SearchConfig",
    "Section",
    "SelectorConfig",
    "SelectorRule",
    "SizingConfig",
    "StrategyEntry",
    "TextConfig",
    "TransformersConfig",
    "VenueConfig",
    "load",
]
