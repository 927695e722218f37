import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.common.headers import pause_s, retry_after_s

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:14:20 GMT"}, 60.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, 0.0),
        ({"x-rate-limit-reset": "1700000090"}, 90.0),
        ({"x-ratelimit-reset": "45"}, 45.0),
        ({"retry-after": "5", "x-rate-limit-reset": "1700000090"}, 5.0),
        ({}, 0.0),
    ],
)
def test_each_interfaces_own_headers_say_how_long_to_be_quiet(headers: dict[str, str], seconds: float) -> None:
    assert retry_after_s(headers, NOW) == seconds


def test_a_pause_is_made_once_no_call_is_left_and_not_before() -> None:
    assert pause_s({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "45"}, NOW) == 45.0
    assert pause_s({"x-rate-limit-remaining": "3", "x-rate-limit-reset": "1700000090"}, NOW) == 0.0
    assert pause_s({}, NOW) == 0.0


@given(st.text(max_size=20))
def test_no_header_gives_anything_but_a_sound_number(value: str) -> None:
    headers = {"retry-after": value, "x-ratelimit-remaining": value, "x-ratelimit-reset": value}
    for seconds in (retry_after_s(headers, NOW), pause_s(headers, NOW)):
        assert 0.0 <= seconds < float("inf")
