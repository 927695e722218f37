from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.text.folding import fold


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


LATIN_OR_ARABIC = [char for char in map(chr, range(0x10000)) if fold(char).isascii() or "\u0600" <= char <= "\u06ff"]
FOLDED = st.sampled_from([char for char in LATIN_OR_ARABIC if fold(char) != char])


@given(st.text(st.one_of(FOLDED, st.characters())))
def test_the_shorter_way_changes_nothing(text: str) -> None:
    """A letter that stays what it is, and is no ASCII, takes the longer one."""
    assert fold(f"{text}\u05d0") == f"{fold(text)}\u05d0"
