"""Write the words that are no names into sagetrade_nautilus/model/text/vocabulary_table.py.

    python scripts/write_vocabulary.py LABELLED.parquet

LABELLED is the Twitter Financial News topic set (MIT licence). Its column `text` writes names with a capital letter and
other words mostly without one: a word goes into the table if it occurs within sentences, and in lower case, often
enough. Only words are taken over, no text.
"""

import re
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

TARGET = Path(__file__).resolve().parents[1] / "sagetrade_nautilus" / "model" / "text" / "vocabulary_table.py"
LEAST = 4
LOWER_SHARE = 0.2
_WORD = re.compile(r"[A-Za-z]{2,}")
_NO_PROSE = re.compile(r"https?://\S+|[@#$]\w+")
HEAD = '''"""English words of financial news that are no names, as data. Written by scripts/write_vocabulary.py."""

from typing import Final

VOCABULARY: Final = frozenset(
    str.split("""
'''


def vocabulary(texts: list[str]) -> list[str]:
    """Return the words of `texts` that are written in lower case at least `LOWER_SHARE` of the time, sorted.

    Plurals of a word that is there are left out.
    """
    lower: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for text in texts:
        words = _WORD.findall(_NO_PROSE.sub(" ", text))
        for word in words[1:]:
            whole[word.lower()] += 1
            lower[word] += word.islower()
    known = {word for word, count in whole.items() if count >= LEAST and lower[word] >= LOWER_SHARE * count}
    return sorted(word for word in known if word.removesuffix("s") not in known - {word})


def main() -> None:
    """Read the labelled file and write the table."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("name the Parquet file of labelled texts: python scripts/write_vocabulary.py FILE")
    texts = pq.read_table(sys.argv[1], columns=["text"])["text"].to_pylist()
    lines = textwrap.fill(" ".join(vocabulary(texts)), width=116)
    TARGET.write_text(HEAD + textwrap.indent(lines, "    ") + '\n    """)\n)\n')


if __name__ == "__main__":
    main()
