"""Days as they are given at the command line."""

import datetime as dt

import typer


def parse_day(text: str | None, option: str) -> dt.date | None:
    """Return the day that was given with `option`, ``None`` where none was."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{text} is no date such as 2022-03-01", param_hint=option) from None
