import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.clean import MAX_RAW_CHARS, clean

PIECES = [
    *"<>&a /!-[]#1;='?b\"\ufdfa\u0301\uff1c\u200b\u2028",
    *("script", "style", "&lt;", "&amp;", "hidden", "&gt", "not", "div", "<b>", "<!--"),
    *("\\xa0", "\\x3c", "\\u200b", "\\uff3c", "\\uff1c", "uff3c", "xa0", "\\"),
]
MARKUP = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(st.one_of(st.text(max_size=300), MARKUP), st.integers(1, 50))
@example("&" + "amp;" * 40 + "lt;b", 4_000)
@example("\ufdfa" * 20, 7)
@example("\\" + "uff3c" * 9 + "xa0", 50)
def test_a_result_is_within_the_cap_and_cleaning_it_again_changes_nothing(text: str, cap: int) -> None:
    once = clean(text, cap)
    assert len(once) <= cap
    assert clean(once, cap) == once


@given(st.one_of(st.text(max_size=300), MARKUP))
def test_no_control_or_format_character_survives(text: str) -> None:
    assert {unicodedata.category(char) for char in clean(text)}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn"})


@given(st.lists(st.sampled_from(["Bitcoin", "5%", "to", "$40K,", "S&P;", "R&D", "ok."]), min_size=1))
def test_plain_text_is_left_as_it_is(words: list[str]) -> None:
    assert clean(" ".join(words)) == " ".join(words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>Bit</b>coin &amp; M&amp;A", "Bitcoin & M&A"),
        ("<p>one</p><p>two</p>", "one two"),
        ("BTC < $30K and > 20K <3", "BTC < $30K and > 20K <3"),
        ("a<script>alert('<b>')</script>b", "a b"),
        ("see <span style='display: none'>buy now</span>this", "see this"),
        ("see <div hidden>buy <div>now</div></div>this", "see this"),
        ("see <p aria-hidden=\"true\">buy</p>this", "see this"),
        ("see <!-- buy -->this", "see this"),
        ("see <style>never closed", "see"),
        ("double &amp;lt;b&amp;gt;escaped", "double escaped"),
        ("<scr<b>ipt>buy</scr</b>ipt>sell", "sell"),
        ("<![endif]x", "<![endif]x"),
        ("zero\u200bwidth \u202ereversed\u2066", "zerowidth reversed"),
        ("red \x1b[31m alert\x07", "red [31m alert"),
        ("\uff22\uff34\uff23 \u2028 up", "BTC up"),
        ("lone \ud800 surrogate", "lone surrogate"),
        (r"Key Support,Â\xa0 XMR and\xa0NEAR \x93 Gain", "Key Support, XMR and NEAR Gain"),
        (r"zero\u200bwidth \xdcber", "zerowidth Über"),
        (r"no \x3cb\x3e, no \u003cb\u003e", r"no \x3cb\x3e, no \u003cb\u003e"),
        (r"folder C:\new\xyz", r"folder C:\new\xyz"),
    ],
)  # fmt: skip
def test_only_what_a_reader_would_see_remains(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<!--", "&#", "<![CDATA[", "<a b=", "<a '", '<a "', "</", "<div>", "&amp;"]
)
def test_hostile_markup_is_read_in_linear_time(piece: str) -> None:
    text = piece * (MAX_RAW_CHARS // len(piece))
    begun = time.perf_counter()
    clean(text)
    assert time.perf_counter() - begun < 2.0


@pytest.mark.parametrize(
    ("style", "hidden"),
    [
        ("display: none", True),
        ("opacity:0", True),
        ("opacity: 0.0 !important", True),
        ("font-size:0px", True),
        ("position:absolute; left:-9999px", True),
        ("text-indent: -5000px", True),
        ("color: transparent", True),
        ("max-height:0", True),
        ("transform: scale(0)", True),
        ("clip: rect(0, 0, 0, 0)", True),
        ("opacity:0.9", False),
        ("font-size:0.9em", False),
        ("margin-left:-10px", False),
        ("color:red", False),
    ],
)
def test_a_style_that_hides_is_told_from_one_that_does_not(style: str, hidden: bool) -> None:
    assert clean(f'see <span style="{style}">buy </span>this') == ("see this" if hidden else "see buy this")
