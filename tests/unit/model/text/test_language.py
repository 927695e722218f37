import pytest

from sagetrade_nautilus.model.text.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bitcoin falls below $40K as traders wait for the Fed", "en"),
        ("Solana Surges", "en"),
        ("El Salvador buys the dip", "en"),
        ("بيتكوين يرتفع فوق 40 ألف دولار", "ar"),
        ("قیمت بیت کوین افزایش یافت", "und"),
        ("Bitcoin fällt nach dem Entscheid und die Anleger sind nervös", "und"),
        ("Le bitcoin est en hausse", "und"),
        ("Биткоин растет", "und"),
        ("ビットコインが上昇", "und"),
        ("\u0412itcoin surges", "en"),
        ("12% $ 40", "und"),
        ("", "und"),
    ],
)
def test_english_and_arabic_are_told_from_the_rest(text: str, language: str) -> None:
    assert detect(text) == language
