"""What strangers write, and a text model that has gone bad, against the whole chain in a real engine.

`python -m benchmarks.attacks` prints the figures.
"""

import json
from pathlib import Path

import pytest
from nautilus_trader.model.enums import OrderStatus

from sagetrade_nautilus.data import RawText
from tests.support.attack_run import LIMITS, AttackedRun, attacked, cap, largest_change
from tests.support.attacks import ATTACKS, EXTREME, OUT_OF_BOUNDS, WITHIN_BOUNDS, Attack, HostileModel, texts
from tests.support.engine import MINUTE, START

FROM_TEXTS = {"RawText", "TextItem", "TextSignal", "Repeat"}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> AttackedRun:
    """The same run without any text."""
    return attacked(tmp_path_factory.mktemp("calm"), [], HostileModel(lambda asked: [EXTREME]))


@pytest.fixture(scope="module")
def corpus() -> list[RawText]:
    """All attacks one after the other."""
    found: list[RawText] = []
    for number, attack in enumerate(ATTACKS):
        found += texts(attack, START + (60 + 50 * number) * MINUTE)
    return sorted(found, key=lambda text: text.ts_init)


def states(run: AttackedRun) -> list[str]:
    return [line for line in run.journal.decode().splitlines() if json.loads(line)["type"] == "state"]


def test_the_calm_run_trades(calm: AttackedRun) -> None:
    assert any(order.status == OrderStatus.FILLED for order in calm.entries)


@pytest.mark.parametrize("mode", OUT_OF_BOUNDS)
def test_an_answer_out_of_bounds_changes_not_one_byte_of_the_run(
    mode: str, calm: AttackedRun, corpus: list[RawText], tmp_path: Path
) -> None:
    model = HostileModel(OUT_OF_BOUNDS[mode])
    run = attacked(tmp_path, corpus, model)
    assert run.refused == model.asked == run.counts["accepted"] > 100
    assert run.journal == calm.journal
    assert largest_change(run, calm) == 0.0


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
@pytest.mark.parametrize("mode", WITHIN_BOUNDS)
def test_no_attack_moves_the_composite_beyond_the_cap_or_an_order_beyond_a_limit(
    mode: str, attack: Attack, calm: AttackedRun, tmp_path: Path
) -> None:
    run = attacked(tmp_path, texts(attack), HostileModel(WITHIN_BOUNDS[mode]))
    assert run.counts["accepted"] > 0
    assert largest_change(run, calm) <= cap(attack) + 1e-9
    assert run.open_peak <= LIMITS.max_open_trades
    for order in run.entries:
        if order.status == OrderStatus.FILLED:
            notional = order.filled_qty.as_double() * order.avg_px
            assert notional <= LIMITS.max_order_notional_pct / 100.0 * 110_000.0
    by_text = [order for order in run.entries if order.strategy_id.value.startswith("NewsQuickTrade")]
    assert len(set(attack.sources)) > 1 or by_text == []
    assert states(run) == states(calm)
    known = calm.types | FROM_TEXTS | {"OrderDenied", "OrderCanceled"}
    assert run.types <= known, run.types - known


@pytest.mark.parametrize("mode", ["always +1", "in turn +1 and -1"])
def test_texts_alone_send_nothing_but_texts(mode: str, corpus: list[RawText], tmp_path: Path) -> None:
    run = attacked(tmp_path, corpus, HostileModel(WITHIN_BOUNDS[mode]), strategies=False)
    assert run.counts["accepted"] > 100
    assert run.entries == []
    assert run.types <= FROM_TEXTS | {
        "Bar",
        "QuantSignal",
        "CompositeSignal",
        "AccountState",
        "ComponentStateChanged",
        "float",
    }


def test_the_model_never_sees_more_than_a_headline_and_how_its_body_opens(
    corpus: list[RawText], tmp_path: Path
) -> None:
    model = HostileModel(lambda asked: [EXTREME])
    attacked(tmp_path, corpus, model)
    assert 100 < model.longest <= 810
