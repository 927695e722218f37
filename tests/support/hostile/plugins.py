"""Attacks by strategies: on the guard, the limits and the plugin's shell."""

from typing import Final

from tests.support.hostile.attack import Hostile, plugin

PLUGINS: Final = (
    plugin(
        "patches the gate",
        "from sagetrade_nautilus.guard.gate.gate import Gate\nGate.__call__ = lambda self, command: None",
    ),
    plugin(
        "patches the gate of promotion",
        "import sagetrade_nautilus.experiments.promotion.judge as p\np.judge = lambda *given: True",
    ),
    plugin("patches the shell", "SageStrategy.on_bar = lambda self, bar: self.submit_order(bar)"),
    plugin(
        "patches a decision",
        "from sagetrade_nautilus.model.decision import Decision\nDecision.fault = lambda self, price: None",
    ),
    plugin(
        "patches by a helper",
        "import functools\n\ndef on_bar(self, bar):\n    pass\n\nfunctools.update_wrapper(SageStrategy, on_bar, ('__module__',))",
    ),
    plugin(
        "forces a frozen value",
        "import msgspec\nmsgspec.structs.force_setattr(SageStrategyConfig(label='x'), 'label', 'y')",
    ),
    plugin(
        "reads the keys",
        "from sagetrade_nautilus.secrets import read_secret\nprint(read_secret('APCA_API_KEY_ID').reveal())",
    ),
    plugin(
        "takes the gate off the bus",
        "class X(SageStrategy):\n    def on_new_signal(self, signal):\n        self.msgbus.deregister('ExecEngine.execute', None)",
    ),
    plugin(
        "sends an order itself",
        "class X(SageStrategy):\n    def on_new_signal(self, signal):\n        self.submit_order(self.order_factory.market())",
    ),
    plugin(
        "reaches the cache by another name",
        "class X(SageStrategy):\n    def on_new_signal(self, signal):\n        me = self\n        return me.cache",
    ),
    plugin(
        "hands itself to a helper",
        "def helper(strategy):\n    return strategy.portfolio\n\nclass X(SageStrategy):\n    def on_new_signal(self, signal):\n        return helper(self)",
    ),
    plugin(
        "asks its base",
        "class X(SageStrategy):\n    def on_new_signal(self, signal):\n        super().submit_order(None)",
    ),
    plugin("replaces the shell's method", "class X(SageStrategy):\n    def on_bar(self, bar):\n        pass"),
    plugin(
        "replaces the shell's checks",
        "class X(SageStrategy):\n    def _enter(self, answer, signal):\n        return None",
    ),
    plugin("replaces the shell's method by a value", "class X(SageStrategy):\n    on_event = None"),
    plugin(
        "replaces the shell's state",
        "class X(SageStrategy):\n    def initialize(self, config):\n        self._trades = {}",
    ),
    plugin("begins otherwise", "class X(SageStrategy):\n    def __init__(self, config):\n        pass"),
    plugin(
        "claims orders of others",
        "class XConfig(SageStrategyConfig, frozen=True, kw_only=True):\n    external_order_claims: list[str] = []",
    ),
    plugin(
        "takes its self from a list",
        "class X(SageStrategy):\n    def on_new_signal(*given):\n        return given[0].msgbus",
    ),
    Hostile(
        "begins otherwise under another name",
        "from sagetrade_nautilus.strategy import SageStrategy as Base\n\nclass X(Base):\n    def __init__(self, config):\n        pass",
        project=True,
    ),
    plugin(
        "replaces the shell's method on a condition",
        "class X(SageStrategy):\n    if True:\n        def on_bar(self, bar):\n            pass",
    ),
    plugin("replaces the shell's method by a loop", "class X(SageStrategy):\n    for on_bar in (None,):\n        pass"),
    plugin("replaces the shell's method by an import", "class X(SageStrategy):\n    from math import floor as on_bar"),
    plugin(
        "gives two modules one name", "import math as np\n\ndef f():\n    import statistics as np\n    return np.sys"
    ),
    plugin("runs as it is imported", "for n in range(3):\n    print(n)"),
)
