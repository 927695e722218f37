from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.folding import fold


def test_cyrillic_and_greek_letters_that_look_latin_become_latin() -> None:
    assert fold("\u0412\u0422\u0421 \u0412itc\u043ein \u0395TH") == "BTC Bitcoin ETH"


def test_arabic_spellings_of_one_word_become_one() -> None:
    assert fold("إيثيريوم") == fold("ايثيريوم")
    assert fold("بِيتكوين") == "بيتكوين"


def test_accents_go_and_case_stays() -> None:
    assert fold("Caf\u00e9 SOL") == "Cafe SOL"


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
