"""In which order reports were written: a line for each, in one file beside them.

A report cannot say when it was made, for its bytes are the same each time; and a file's own time is that of its last
copy.
"""

from pathlib import Path
from typing import Final

from sagetrade_nautilus.errors import ReportError, cause

ORDER: Final = ".order"


def note(runs: Path, report: Path) -> None:
    """Note that `report`, a folder below `runs`, is the one that was written last.

    Raises
    ------
    ReportError
        It cannot be noted.
    """
    try:
        with (runs / ORDER).open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{report.relative_to(runs).as_posix()}\n")
    except OSError as error:
        raise ReportError(f"{runs / ORDER}: what was written last cannot be noted: {cause(error)}") from None


def newest_first(runs: Path) -> list[Path]:
    """Return the reports below `runs` that were noted, the last written first, there or not.

    Raises
    ------
    ReportError
        What was noted cannot be read.
    """
    try:
        lines = (runs / ORDER).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ReportError(f"{runs / ORDER}: cannot be read: {cause(error)}") from None
    return [runs / line for line in dict.fromkeys(reversed(lines))]
