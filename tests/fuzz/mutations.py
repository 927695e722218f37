"""Samples changed as an accident or an attacker would change them: by a few bytes, a part, a repeat, other numbers."""

from hypothesis import strategies as st

BITS = tuple(1 << bit for bit in range(8))
STRANGE = (
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\n", b"\r", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b"null", b"true"),
    *(
        b"-1",
        b"0",
        b"1e999",
        b"-0.0",
        b"NaN",
        b"Infinity",
        b"9" * 30,
        b"9" * 5_000,
        b"[" * 3_000,
        b"{" * 50,
        b"..",
        b"/",
    ),
    *(text.encode() for text in ("\u017f", "\u212a", "\u202e", "\u0661", "\U0001f680", "\u0130", "\ufeff")),
)
BYTES_MAX = 70_000


def _flip(raw: bytes, at: int, piece: bytes) -> bytes:
    return raw[:at] + bytes([raw[at] ^ BITS[len(piece) % 8]]) + raw[at + 1 :] if raw else piece


def _cut(raw: bytes, at: int, piece: bytes) -> bytes:
    return raw[:at] + raw[at + max(1, len(piece)) :]


def _stop(raw: bytes, at: int, piece: bytes) -> bytes:
    return raw[:at]


def _insert(raw: bytes, at: int, piece: bytes) -> bytes:
    return raw[:at] + piece + raw[at:]


def _replace(raw: bytes, at: int, piece: bytes) -> bytes:
    return raw[:at] + piece + raw[at + len(piece) :]


def _repeat(raw: bytes, at: int, piece: bytes) -> bytes:
    return raw[:at] + raw[at : at + 40 * max(1, len(piece))] * 2 + raw[at:]


def _number(raw: bytes, at: int, piece: bytes) -> bytes:
    """Put `piece` in the place of the next run of digits."""
    start = next((place for place in range(at, len(raw)) if raw[place : place + 1].isdigit()), len(raw))
    stop = next((place for place in range(start, len(raw)) if not raw[place : place + 1].isdigit()), len(raw))
    return raw[:start] + piece + raw[stop:]


CHANGES = (_flip, _cut, _stop, _insert, _replace, _repeat, _number)
PIECES = st.one_of(st.sampled_from(STRANGE), st.binary(max_size=8), st.text(max_size=4).map(str.encode))


@st.composite
def mutated(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Draw one of `seeds` with up to four changes."""
    raw = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        change, piece = draw(st.sampled_from(CHANGES)), draw(PIECES)
        raw = change(raw, draw(st.integers(0, max(0, len(raw) - 1))), piece)[:BYTES_MAX]
    return raw


def inputs(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Return mutations of the seeds, and now and then bytes or text of no kind."""
    return st.one_of(
        mutated(seeds), mutated(seeds), mutated(seeds), st.binary(max_size=200), st.text(max_size=60).map(str.encode)
    )
