"""The bundled sample: half a year of two markets and their headlines, imported on first use."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from catalog.bars import BarImport, import_bars
from catalog.report import ImportReport, TextImportReport
from catalog.texts import TextImport, import_texts
from catalog.write import Progress, no_progress

BAR_SPEC = "5-MINUTE-LAST"
BAR_FILES = {"BTCUSDT.BINANCE": "BTCUSDT_5m.parquet", "ETHUSDT.BINANCE": "ETHUSDT_5m.parquet"}
TEXT_FILE = "crypto_headlines.parquet"
SAMPLE_END_NS = 1_656_633_600_000_000_000  # 2022-07-01: the close of the last bar, and the "now" that it is checked by


def ensure_sample(
    catalog_path: Path,
    instruments: Sequence[str] | None = None,
    *,
    texts: bool = True,
    progress: Progress = no_progress,
) -> tuple[ImportReport | TextImportReport, ...]:
    """Import what the catalog lacks of the sample; a catalog that has it all is not touched.

    The files go through the same checks as a user's own. A half-finished import is completed.

    Parameters
    ----------
    catalog_path : pathlib.Path
        The catalog, made if it does not exist.
    instruments : Sequence[str], optional
        Import these alone, of those that the sample has; all by default.
    texts : bool, optional
        Whether to import the headlines.

    Returns
    -------
    tuple[ImportReport | TextImportReport, ...]
        One report a file.

    Raises
    ------
    DataError
        The catalog has other bars for the same times, or cannot be written.
    """
    reports: list[ImportReport | TextImportReport] = []
    folder = resources.files("catalog") / "sample"
    for instrument_id, name in BAR_FILES.items():
        if instruments is None or instrument_id in instruments:
            wish = BarImport(instrument_id=instrument_id, timestamps="open", bar=BAR_SPEC, round_values=True)
            with resources.as_file(folder / name) as path:
                reports.append(import_bars(path, wish, catalog=catalog_path, now_ns=SAMPLE_END_NS, progress=progress))
    if texts:
        with resources.as_file(folder / TEXT_FILE) as path:
            reports.append(
                import_texts(path, TextImport(), catalog=catalog_path, now_ns=SAMPLE_END_NS, progress=progress)
            )
    return tuple(reports)
