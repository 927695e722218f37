"""Columns and Nautilus's bars hold the same numbers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from nautilus_trader.model.data import BarType
from nautilus_trader.model.objects import Price, Quantity

from catalog.columns import BarColumns, from_arrow, to_arrow

BAR_TYPE = BarType.from_str("BTCUSDT.BINANCE-5-MINUTE-LAST-EXTERNAL")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 12).flatmap(lambda places: st.tuples(st.just(places), st.integers(1, 10 ** (places + 3)))))
def test_decoded_prices_equal_nautilus_prices_bit_for_bit(sample):
    places, units = sample
    value = units / 10**places
    column = np.array([value])
    bars = BarColumns(np.array([1_000]), column, column, column, column, column)
    decoded = from_arrow(to_arrow(bars, BAR_TYPE, places, places))
    assert decoded.close[0] == Price(value, places).as_double()
    assert decoded.volume[0] == Quantity(value, places).as_double()


@settings(max_examples=100, deadline=None)
@given(st.floats(1e9, 1.5e13))
def test_volumes_beyond_the_exact_words_of_a_float_are_decoded_too(volume):
    price = np.array([1.0])
    bars = BarColumns(np.array([1_000]), price, price, price, price, np.array([volume]))
    decoded = from_arrow(to_arrow(bars, BAR_TYPE, 2, 3))
    assert decoded.volume[0] == Quantity(volume, 3).as_double()


def test_a_slice_of_a_file_is_decoded_from_where_it_begins():
    ts = np.arange(1, 11) * 1_000
    values = np.arange(1.0, 11.0)
    table = to_arrow(BarColumns(ts, values, values, values, values, values), BAR_TYPE, 2, 2)
    assert from_arrow(table.slice(3, 4)).close.tolist() == [4.0, 5.0, 6.0, 7.0]
