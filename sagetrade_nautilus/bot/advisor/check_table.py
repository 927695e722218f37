"""The words that the check of a model's answer looks for, as data; folded, ``*`` at the end for all that begin so."""

from typing import Final, NamedTuple

from sagetrade_nautilus.model.text.folding import fold


class Listed(NamedTuple):
    """A list of words: whole ones, and the beginnings of many."""

    words: frozenset[str]
    beginnings: tuple[str, ...]

    def has(self, word: str) -> bool:
        """Return whether a folded word in lower case is listed."""
        return word in self.words or word.startswith(self.beginnings)


def _folded(listed: str) -> Listed:
    words = [fold(word).lower() for word in listed.split()]
    return Listed(
        frozenset(word for word in words if not word.endswith("*")),
        tuple(word[:-1] for word in words if word.endswith("*")),
    )


NUMBER_WORDS: Final = _folded("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred* thousand* million* billion*
    trillion* dozen* half halves third thirds quarter* double* triple* twice thrice tenfold twofold couple
    صفر واحد واحدة اثنان اثنين اثنتان اثنتين ثلاث* أربع* خمس* ست ستة ستون ستين سبع* ثمان* تسع* عشر* مئة مائة مية
    مئتان مئتين مئات ألف ألفان ألفين آلاف مليون* ملايين مليار* نصف ثلث ثلثان ثلثين ربع ضعف ضعفان ضعفين أضعاف مرتين
    مرتان دقيقتان دقيقتين ساعتان ساعتين يومان يومين نقطتان نقطتين ثانيتان ثانيتين
""")

DIRECTIONS: Final = {
    "up": _folded("up upward* upside rise* rising bull* climb* higher صعود* صاعد* ارتفاع* مرتفع* يرتفع ترتفع"),
    "down": _folded(
        "down downward* downside fall* falling bear* drop* declin* lower هبوط* هابط* انخفاض* منخفض* ينخفض نزول"
    ),
    "buy": _folded("buy buying bought long longs purchas* شراء شرا اشتر* نشتري تشتري يشتري لونج"),
    "sell": _folded("sell selling sold short shorts shorting بيع ابيع نبيع تبيع يبيع بعنا شورت"),
}

FORBIDDEN: Final = _folded("""
    should must recommend* advis* guarante* certain certainly definite* surely riskless ought suggest*
    مضمون* ضمان أكيد بالتأكيد حتما حتمي أنصح* ننصح* نصيحة يجب عليك ينبغي أوصي* نوصي* أقترح*
""")
"""Advice and promises: neither is the model's to give."""

_SPELT: Final = {
    "%": "% percent pct بالمئة بالمائة مئوية في",
    "bps": "bps bp basis نقطة نقاط",
    "ms": "ms مث",
    "s": "s sec secs second seconds ثانية ثوان ثواني ث",
    "min": "min mins minute minutes دقيقة دقائق د",
    "h": "h hr hrs hour hours ساعة ساعات س",
    "d": "d day days يوم أيام ي",
}
UNITS: Final = {fold(word).lower(): unit for unit, listed in _SPELT.items() for word in listed.split()}
