"""What /explain tells of a trade."""

import msgspec

from sagetrade_nautilus.bot.commands.why import explanation
from sagetrade_nautilus.bot.words.voice import Voice
from sagetrade_nautilus.guard.journal.explain import explain
from sagetrade_nautilus.guard.journal.records import OrderRecord
from tests.support.records import trade


def test_a_fee_in_a_dear_currency_is_not_told_as_nothing() -> None:
    records = [
        msgspec.structs.replace(one, commission=0.00001234, currency="BTC")
        if isinstance(one, OrderRecord) and one.event == "filled"
        else one
        for one in trade()
    ]
    lines = explanation(explain("m-0001", records), Voice("en"))
    assert sum(line.endswith("fee 0.00001234 BTC") for line in lines) == 2
