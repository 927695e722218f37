"""A trade is explained by the journal alone, from its fills to the texts behind it."""

import msgspec
import pytest

from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal.explain import explain
from sagetrade_nautilus.guard.journal.records import DenialRecord, JournalRecord, OrderRecord, RunRecord, TextRecord
from sagetrade_nautilus.messages import DecisionRecord, Verdict, decision_record
from sagetrade_nautilus.model.readings import Component
from sagetrade_nautilus.model.selection import FULL
from tests.support.signals import signal, wish

RUN = RunRecord(ts=0, name="r", config_digest="c", code_version="v", trader="T-1")
PARTS = (
    Component("rsi", "quant", 30.0, 0.5, 0.2),
    Component("text:A", "text", 0.5, 0.5, 0.6, ("one", "two")),
)
replace = msgspec.structs.replace


def _decision(trade_id: str | None = "s-0001", verdict: Verdict = Verdict.TAKEN, why: str = "w") -> DecisionRecord:
    heard = signal(0.4, 100.0, components=PARTS)
    return decision_record(
        "s", wish(), heard, ts=1, verdict=verdict, why=why, cost_bps=22.0, grant=FULL, trade_id=trade_id
    )


def _text(item_id: str) -> TextRecord:
    return TextRecord(ts=1, item_id=item_id, source="A", title=f"title {item_id}", url="https://a", published=1)


def _order(order_id: str, event: str, role: str = "entry", trade_id: str = "s-0001", **more: float) -> OrderRecord:
    return OrderRecord(ts=2, event=event, client_order_id=order_id, tags=(trade_id, role), **more)  # type: ignore[arg-type]


def _journal() -> list[JournalRecord]:
    return [
        RUN,
        _text("one"),
        _text("two"),
        _decision(),
        _order("O-1", "initialized", quantity=1.0),
        _order("O-2", "initialized", "stop_loss", quantity=1.0),
        _decision("s-0002"),
        _order("O-3", "initialized", trade_id="s-0002"),
        _order("O-1", "partially_filled", last_qty=0.4, last_px=100.0),
        _order("O-1", "filled", last_qty=0.6, last_px=101.0),
        _order("O-2", "canceled", "stop_loss"),
    ]


def test_a_trade_leads_to_its_orders_decision_parts_texts_and_run() -> None:
    found = explain("s-0001", _journal())
    assert (found.run, found.decision) == (RUN, _decision())
    assert [(order.client_order_id, order.role) for order in found.orders] == [("O-1", "entry"), ("O-2", "stop_loss")]
    assert [fill.last_qty for fill in found.orders[0].fills] == [0.4, 0.6]
    assert found.orders[0].asked == _journal()[4]
    assert [part.component.name for part in found.evidence] == ["text:A", "rsi"]
    assert found.evidence[0].contribution == pytest.approx(0.3)
    assert [text.title for text in found.evidence[0].texts] == ["title one", "title two"]
    assert found.is_complete


@pytest.mark.parametrize("left_out", [0, 1, 4])
def test_what_the_journal_lacks_makes_an_explanation_incomplete(left_out: int) -> None:
    journal = _journal()
    del journal[left_out]
    assert not explain("s-0001", journal).is_complete


def test_a_text_that_the_journal_lacks_is_named() -> None:
    found = explain("s-0001", [record for record in _journal() if record != _text("two")])
    assert found.evidence[0].missing == ("two",)


def test_parts_that_do_not_make_up_the_score_are_incomplete() -> None:
    journal = [replace(record, score=0.9) if isinstance(record, DecisionRecord) else record for record in _journal()]
    assert not explain("s-0001", journal).is_complete


def test_what_the_guard_held_back_is_told_with_its_reason() -> None:
    denial = DenialRecord(
        ts=2, client_order_id="O-1", strategy="s", instrument_id="A.V", tags=("s-0001",), reason="too much"
    )
    journal = [*_journal()[:5], denial, _decision(verdict=Verdict.DENIED_BY_GUARD, why="too much")]
    found = explain("s-0001", journal)
    assert found.denials == (denial,)
    assert found.decision.verdict is Verdict.TAKEN


def test_a_continued_journal_tells_the_later_trade_of_an_id_in_its_own_run() -> None:
    later = replace(RUN, name="later")
    found = explain("s-0001", [*_journal(), later, _decision(), _order("O-9", "initialized")])
    assert found.run == later
    assert [order.client_order_id for order in found.orders] == ["O-9"]


def test_an_unknown_trade_names_those_that_are_near() -> None:
    with pytest.raises(JournalError, match=r"no trade 's-001' in this journal; near it: .*s-0001"):
        explain("s-001", _journal())


def test_an_unknown_trade_like_no_other_says_what_the_journal_holds() -> None:
    with pytest.raises(JournalError, match="it holds 2 of them, such as s-0001"):
        explain("???", _journal())
    with pytest.raises(JournalError, match="it holds no trade"):
        explain("s-0001", [RUN, _decision(trade_id=None, verdict=Verdict.REFUSED_EDGE)])
