"""Reading a user's CSV, Parquet or Feather file into an Arrow table, and finding its columns by name."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.feather as pa_feather
import pyarrow.parquet as pq

from sagetrade_nautilus.errors import DataError, cause

_PARQUET = {".parquet", ".pq"}
_FEATHER = {".feather", ".arrow", ".ipc"}
_CSV = {".csv", ".tsv", ".txt"}


def read_table(path: Path) -> pa.Table:
    """Read the whole of `path`. Every column of a CSV comes as text, so that nothing is guessed.

    Raises
    ------
    DataError
        The file is missing, unreadable, damaged, of an unknown kind, empty, or has two columns of one name.
    """
    suffix = path.suffix.lower()
    readers = {**dict.fromkeys(_PARQUET, pq.read_table), **dict.fromkeys(_FEATHER, pa_feather.read_table)}
    readers |= dict.fromkeys(_CSV, _read_csv)
    if suffix not in readers:
        raise DataError(f"{path}: unknown kind of file; give .csv, .parquet or .feather")
    try:
        table = readers[suffix](path)
        table.validate(full=True)  # Arrow itself believes the offsets in a file, wherever they lead
        names = table.column_names
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; is the path right?") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: it is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {cause(error)}") from None
    except (pa.ArrowException, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    repeated = [name for name in set(names) if names.count(name) > 1]
    if repeated:
        raise DataError(
            f"{path}: the column {sorted(repeated)[0]!r} stands there twice; the first line must name each column once"
        )
    if table.num_rows == 0:
        raise DataError(f"{path}: has no rows below the names of its columns")
    return table


def _read_csv(path: Path) -> pa.Table:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        line = stream.readline()
        delimiter = max(",;\t", key=line.count)
        stream.seek(0)
        header = next(csv.reader(stream, delimiter=delimiter), [])
    if not header or all(_is_number(cell) for cell in header):
        raise DataError(
            f"{path}: the first line must name the columns, as time,open,high,low,close,volume or published_at,title"
        )
    return pa_csv.read_csv(
        path,
        parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put `path` before the message of a `DataError` that does not name it."""
    try:
        yield
    except DataError as error:
        if str(path) in str(error):
            raise
        raise DataError(f"{path}: {error}") from error.__cause__


def find_column(table: pa.Table, aliases: Iterable[str], *, role: str, flag: str | None = None) -> str | None:
    """Return the one column of `table` that is called by one of `aliases`, in any case, or ``None``.

    Raises
    ------
    DataError
        Several columns would do; the message names them, and `flag` as the way to choose.
    """
    wanted = set(aliases)
    found = [name for name in table.column_names if _normalise(name) in wanted]
    if len(found) > 1:
        names = " and ".join(repr(name) for name in found)
        choose = f"choose with {flag} NAME" if flag else "leave one"
        raise DataError(f"both {names} could be the {role}: {choose}")
    return found[0] if found else None


def require_column(
    table: pa.Table,
    aliases: tuple[str, ...],
    *,
    role: str,
    flag: str | None = None,
    chosen: str | None = None,
) -> str:
    """Return the name of the column for `role`: `chosen` if given, else the one that `find_column` finds.

    Raises
    ------
    DataError
        There is none; the message lists the columns that the file has.
    """
    if chosen is not None:
        if chosen in table.column_names:
            return chosen
        raise DataError(f"no column {chosen!r}; the file has {', '.join(table.column_names)}")
    name = find_column(table, aliases, role=role, flag=flag)
    if name is None:
        looked, names = ", ".join(dict.fromkeys(aliases)), ", ".join(table.column_names)
        way_out = f"rename one, or name it with {flag} NAME" if flag else "rename one"
        raise DataError(f"no column for the {role} (looked for {looked}); the file has {names}: {way_out}")
    return name


def _normalise(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def text_values(table: pa.Table, name: str) -> list[str]:
    """Return a column as text, unaltered, '' for what is null.

    Raises
    ------
    DataError
        The column holds something that is no text.
    """
    try:
        values: list[str] = pc.fill_null(table[name].cast(pa.string()), "").to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise DataError(f"column {name!r} holds {table[name].type}, which is no text") from None
    return values
