"""What the paper venue reports is what it has, to the last digit."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.model.enums import OmsType, PositionSide
from nautilus_trader.model.identifiers import AccountId
from nautilus_trader.model.instruments import CurrencyPair

from adapters.paper.reports import position_reports

ACCOUNT = AccountId("SIM-001")


def held(quantity: str) -> Any:
    return SimpleNamespace(signed_decimal_qty=lambda: Decimal(quantity), id=None, avg_px_open=1e-8)


@pytest.mark.parametrize("oms_type", [OmsType.NETTING, OmsType.HEDGING])
def test_a_position_of_billions_of_coins_is_reported_with_every_digit(sim, oms_type):
    pair = CurrencyPair.from_dict(
        {**CurrencyPair.to_dict(sim.instrument()), "size_precision": 8, "size_increment": "0.00000001"}
    )
    [report] = position_reports([held("-98765432109.12345678")], pair, oms_type, ACCOUNT, 0)
    assert report.position_side == PositionSide.SHORT
    assert report.quantity.as_decimal() == Decimal("98765432109.12345678")
