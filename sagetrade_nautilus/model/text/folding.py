"""Fold look-alike letters together, for matching only: what is stored and shown is never folded."""

import unicodedata
from typing import Final

# Letters of other scripts that are drawn like Latin ones (the common part of Unicode TR39's confusables): Cyrillic,
# Greek, Armenian, Cherokee, Lisu and phonetic letters; then the Arabic letters that writers use for one another.
_LOOKALIKES: Final = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХԌԚԜаеіјѕорсухһԁԛԝᴦ"
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχϲ"
        "ՕՍՏօսոհգցզ"
        "ᎪᏴᏟᎠᎬᎻᏦᎷᏚᎢᎳᏙᏃᏞᎫᏀᏢᏒᎥ"
        "ꓐꓔꓚꓠꓲꓳꓴꓮꓰꓖꓗꓟꓡꓢꓣꓦꓪꓫꓬꓜꓙ"
        "ʙɪᴛᴄᴏɴᴇʀᴀıȷɡɑ",
        "ABESIJKMHOPCTYXGQWaeijsopcyxhdqwr"
        "ABEZHIKMNOPTYXaikvopuxc"
        "OUSounhqgq"
        "ABCDEHKMSTWVZLJGPRi"
        "BTCNIOUAEGKMLSRVWXYZJ"
        "bitconeraijga",
        strict=True,
    )
)
_ARABIC: Final = dict(zip("أإآٱىةؤئگکیپ", "اااايهويككيب", strict=True))
_PUNCTUATION: Final = {
    **dict.fromkeys("’‘ʼ`‛′", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("•·", " "),
    "…": "...",
}
_FOLD: Final = str.maketrans({**_LOOKALIKES, **_ARABIC, **_PUNCTUATION, "ـ": ""})


def fold(text: str) -> str:
    """Return `text` with look-alike letters made Latin, plain punctuation and no accents or vowel marks; case is
    kept.
    """
    if text.isascii():
        return text.replace("`", "'")
    plain = text.translate(_FOLD)
    return plain if plain.isascii() else _fold_all(text)


def _fold_all(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char)).translate(_FOLD)
