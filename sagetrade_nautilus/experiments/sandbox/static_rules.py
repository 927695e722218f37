"""What a proposed plugin may name: decision logic needs no more, and none of it reaches a file, a process or a module.

A module's names are listed one by one, because most modules hand out the modules that they use themselves.
"""

import ast
import bisect
import heapq
import inspect
import itertools
import math
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Final

import numpy as np

from sagetrade_nautilus.data import CompositeSignal, QuantSignal, TextSignal
from sagetrade_nautilus.model import decision
from sagetrade_nautilus.run.plugins import BASE_FIELDS
from sagetrade_nautilus.strategy import SageStrategy


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _public(module: object) -> frozenset[str]:
    return frozenset(name for name in dir(module) if not name.startswith("_"))


NUMPY: Final = _words(
    """abs absolute all allclose any arange argmax argmin argsort array array_equal asarray average bincount bool_
    ceil clip concatenate convolve corrcoef correlate cos cov cumprod cumsum diff digitize divide dot einsum empty
    empty_like equal errstate exp expm1 eye float64 floor fmax fmin full full_like greater greater_equal histogram
    hypot identity inf int64 interp isclose isfinite isinf isnan less less_equal linspace log log10 log1p log2
    logical_and logical_not logical_or max maximum mean median min minimum mod multiply nan nan_to_num nanmax
    nanmean nanmin nanstd nansum ndarray newaxis nonzero not_equal ones ones_like outer percentile pi polyfit
    polyval power prod ptp quantile ravel repeat reshape roll round searchsorted sign sin sort sqrt square squeeze
    stack std subtract sum take tan tanh tile trace transpose unique var vstack where zeros zeros_like"""
)
MODULES: Final = {
    "bisect": _public(bisect),
    "collections": frozenset({"Counter", "OrderedDict", "defaultdict", "deque"}),
    "collections.abc": frozenset({"Callable", "Iterable", "Iterator", "Mapping", "Sequence"}),
    "dataclasses": frozenset({"dataclass", "field", "replace"}),
    "enum": frozenset({"Enum", "IntEnum", "StrEnum", "auto"}),
    "functools": frozenset({"cache", "lru_cache", "partial", "reduce"}),
    "heapq": _public(heapq),
    "itertools": _public(itertools),
    "math": _public(math),
    "msgspec": frozenset({"Struct", "field"}),
    "nautilus_trader.model.identifiers": frozenset({"InstrumentId", "Symbol", "Venue"}),
    "numpy": NUMPY,
    "sagetrade_nautilus.data": frozenset({"CompositeSignal", "QuantSignal", "TextSignal"}),
    "sagetrade_nautilus.model.decision": frozenset(
        {"ActionKind", "Decision", "MarketState", "PositionAction", "PositionState", "Side"}
    ),
    "sagetrade_nautilus.model.indicators": frozenset({"ATR", "Bollinger", "EMA", "MACD", "RSI", "SMA", "Stochastic"}),
    "sagetrade_nautilus.model.readings": frozenset({"Component"}),
    "sagetrade_nautilus.model.sessions": frozenset({"minutes_to_close"}),
    "sagetrade_nautilus.model.rolling": frozenset({"RollingMean", "RollingMoments"}),
    "sagetrade_nautilus.model.text.events": frozenset({"Event"}),
    "sagetrade_nautilus.strategy": frozenset({"SageStrategy", "SageStrategyConfig"}),
    "statistics": frozenset({"NormalDist", "correlation", "fmean", "mean", "median", "pstdev", "stdev", "variance"}),
    "typing": frozenset({"Any", "ClassVar", "Final", "Literal", "Protocol", "Self"}),
}
"""What may be imported: each module's names."""

BUILTINS: Final = _words(
    """ArithmeticError Exception False IndexError KeyError LookupError None OverflowError RuntimeError True
    ValueError ZeroDivisionError abs all any bool dict divmod enumerate filter float frozenset int isinstance iter
    len list map max min next object pow property range reversed round set sorted staticmethod str sum tuple zip"""
)
DECORATORS: Final = frozenset({"cache", "dataclass", "lru_cache", "property", "staticmethod"})
CLASS_KEYWORDS: Final = frozenset({"frozen", "kw_only", "gc"})
SPECIAL_METHODS: Final = frozenset({"__init__", "__post_init__"})

FRAME_PREFIXES: Final = ("_", "gi_", "cr_", "ag_", "tb_", "f_", "co_", "func_")
DENIED_ATTRIBUTES: Final = frozenset(
    {"format", "format_map", "tofile", "dump", "dumps", "ctypes", "mro", "with_traceback", "setflags"}
)


def _stored_on_self(source: str) -> frozenset[str]:
    nodes = ast.walk(ast.parse(source))
    return frozenset(
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    )


SHELL: Final = frozenset(dir(SageStrategy)) | _stored_on_self(inspect.getsource(SageStrategy)) | BASE_FIELDS
"""What the strategy's shell, and Nautilus's, call their own."""

_HARMLESS = (
    *(CompositeSignal, QuantSignal, TextSignal, np.ndarray, str, int, float, list, dict, set, tuple),
    *(Counter, OrderedDict, defaultdict, deque),
    *(value for value in vars(decision).values() if isinstance(value, type)),
)
_READ = frozenset({"instruments"})  # a setting, of which a pair needs both
ACTING: Final = SHELL - frozenset(name for kind in _HARMLESS for name in dir(kind)) - _public(math) - NUMPY - _READ
"""By these an order, a timer, a message or a subscription could be made, whatever object they are asked of."""
