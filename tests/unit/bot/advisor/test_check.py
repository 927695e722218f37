"""A model's words are held against the facts: no number, name, side or direction passes that they do not have."""

import asyncio
from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.bot.advisor.advisor import Advisor
from sagetrade_nautilus.bot.advisor.answer import Answer
from sagetrade_nautilus.bot.advisor.check import fault, numbers
from sagetrade_nautilus.bot.advisor.phrasing import phrased
from sagetrade_nautilus.model.readings import Regime
from tests.support.bot_node import RULES, composite, overview, recall

UTC = ZoneInfo("UTC")
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
GOOD = {
    "en": "The score is +0.42 at a confidence of 61%, and a round trip costs 22 bps.",
    "ar": "الدرجة +0.42 والثقة 61% وكلفة الدخول والخروج 22 نقطة أساس.",
}


def plain(text: str) -> Answer:
    return Advisor(RULES, recall()).answer(text, overview(), "en", UTC)


def facts(language: str = "en") -> str:
    answer = plain("should I enter BTC?" if language == "en" else "هل أدخل بيتكوين؟")
    return "\n".join((answer.headline, *answer.body))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_words_that_keep_to_the_facts_pass(language: str) -> None:
    assert fault(GOOD[language], facts(language), language) is None  # type: ignore[arg-type]
    assert fault(GOOD[language].translate(ARABIC_DIGITS), facts(language), language) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("The score is 0.43.", "the number 0.43 is not"),
        ("The score is -0.42.", "the number -0.42 is not"),
        ("The score is −0.42.", "the number -0.42 is not"),
        ("The score is ٠٫٤٣.", "the number 0.43 is not"),
        ("The score is ０.４２.", "writes a number"),
        ("A gain of ½ is near.", "writes a number"),
        ("The confidence is 61 bps.", "the number 61bps is not"),
        ("The price was seen 12 hours ago.", "the number 12h is not"),
        ("It will reach 100k.", "the number 100k is not"),
        ("Leverage of 10x is used.", "the number 10x is not"),
        ("There is a fifty percent chance.", "the number 'fifty' is not"),
        ("The gain may double.", "the number 'double' is not"),
        ("ETH looks the same.", "'ETH' is not named"),
        ("ethereum looks the same.", "'ETH' is not named"),
        ("The mood at Tesla is good.", "'Tesla' is not named"),
        ("The MACD agrees.", "'MACD' is not named"),
        ("The signals point down.", "it says 'down'"),
        ("It is time to sell.", "it says 'sell'"),
        ("It is time to short it.", "it says 'sell'"),
        ("You should enter.", "it advises"),
        ("A gain is guaranteed.", "it advises"),
        ("See https://evil.example for more.", "markup"),
        ("Send /resume now.", "markup"),
        ("<b>Go</b>", "markup"),
        ("الدرجة +0.42", "another language"),
        ("", "empty"),
        ("so " * 900, "too long"),
    ],
)
def test_words_that_leave_the_facts_are_refused(said: str, why: str) -> None:
    found = fault(said, facts(), "en")
    assert found is not None
    assert why in found


@pytest.mark.parametrize(
    "said",
    [
        "الثقة خمسون بالمئة.",
        "الدرجة 0.43.",
        "الدرجة ٠٫٤٣.",
        "ستتضاعف الأرباح مرتين.",
        "الإيثيريوم مثلها.",
        "حان وقت البيع.",
        "الإشارات تتجه إلى الهبوط.",
        "ننصحك بالدخول.",
        "الربح مضمون.",
        "مؤشر MACD يؤكد ذلك.",
    ],
)
def test_arabic_words_that_leave_the_facts_are_refused(said: str) -> None:
    assert fault(said, facts("ar"), "ar") is not None


@given(st.decimals(-10_000, 10_000, places=4), st.sampled_from(["", "%", " bps", " min"]), st.booleans())
def test_no_number_passes_that_the_facts_do_not_have(value: object, unit: str, arabic: bool) -> None:
    """Whatever a number is and in whichever digits it is written, it passes just when the facts have it."""
    written = f"{value}{unit}"
    known, _ = numbers(facts())
    spoken, names = numbers(written)
    shown = written.translate(ARABIC_DIGITS) if arabic else written
    assert (fault(f"The value is {shown} now.", facts(), "en") is None) == (spoken <= known and not names)


@given(st.text(max_size=60))
def test_any_text_is_judged_and_never_raises(said: str) -> None:
    fault(said, facts(), "en")


def reply(model: Callable[[str, str], str], text: str = "should I enter BTC?") -> tuple[str, list[tuple[str, str]]]:
    heard: list[tuple[str, str]] = []

    async def phraser(system: str, user: str) -> str:
        heard.append((system, user))
        return model(system, user)

    advisor = Advisor(RULES, recall(), phraser)
    return asyncio.run(advisor.reply(text, overview(), "en", UTC)), heard


def test_a_good_phrasing_stands_between_the_verdict_and_the_note_that_it_is_no_advice() -> None:
    said, _ = reply(lambda system, user: GOOD["en"])
    assert said == f"{plain('should I enter BTC?').headline}\n{GOOD['en']}\n\n{plain('should I enter BTC?').footer}"


def test_a_phrasing_that_does_not_hold_leaves_the_plain_answer() -> None:
    said, _ = reply(lambda system, user: "The score is +0.99.")
    assert said == plain("should I enter BTC?").text


def test_a_model_that_fails_leaves_the_plain_answer() -> None:
    def broken(system: str, user: str) -> str:
        raise ConnectionError("sk-secret is not valid")

    said, _ = reply(broken)
    assert said == plain("should I enter BTC?").text


def test_a_model_that_hangs_leaves_the_plain_answer() -> None:
    async def hang(system: str, user: str) -> str:
        await asyncio.sleep(60)
        return ""

    answer = plain("should I enter BTC?")
    assert asyncio.run(phrased(answer, hang, patience_s=0.01)) == answer.text


@pytest.mark.parametrize("text", ["what is my risk?", "why did we sell?", "how was my day?", "hello", "buy 1 BTC now"])
def test_accounts_reasons_and_refusals_are_never_phrased(text: str) -> None:
    said, heard = reply(lambda system, user: "anything", text)
    assert said == plain(text).text
    assert heard == []


@given(
    st.sampled_from([-1, 0, 1]),
    st.floats(0.0, 1.0),
    st.floats(0.0, 0.2),
    st.sampled_from(list(Regime)),
    st.sampled_from(
        ["should I enter BTC?", "should I sell my BTC?", "هل أدخل بيتكوين؟", "هل أبيع البيتكوين؟", "سعر البيتكوين"]
    ),
)
def test_what_only_repeats_the_facts_always_passes(
    direction: int, confidence: float, volatility: float, regime: Regime, text: str
) -> None:
    reading = composite(direction, confidence=confidence, volatility=volatility, regime=regime)
    signals = (msgspec.structs.replace(overview().signals[0], composite=reading),)
    answer = Advisor(RULES, recall()).answer(text, overview(signals=signals), "en", UTC)
    said = "\n".join((answer.headline, *answer.body))
    assert fault(said, said, answer.language) is None
