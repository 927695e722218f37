"""Text signals of the past, computed over the catalog by the code that the actors run."""

from pathlib import Path
from typing import Final

from catalog.files import list_files
from catalog.store import read_texts, text_directory
from catalog.window import Window, window_ns
from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import RawText, TextItem, TextSignal
from sagetrade_nautilus.errors import ConfigError, DataError
from sagetrade_nautilus.model.text.entities import canonical
from sagetrade_nautilus.model.text.pipeline import PreparedText
from sagetrade_nautilus.model.text.protocol import TextModel
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.nlp.messages import create_pipeline, text_for_model, to_item, to_signals
from sagetrade_nautilus.nlp.models import create_model

_BATCH: Final = 256


def get_signals(
    entity: str,
    timeframe: Window,
    *,
    catalog: str | Path = "catalog/data",
    config: TextConfig | None = None,
    model: TextModel | None = None,
    tickers: tuple[str, ...] = (),
) -> list[TextSignal]:
    """Return what texts said of `entity`: the signals that a run over `timeframe` publishes, equal in every
    field.

    Parameters
    ----------
    entity : str
        'BTC', 'bitcoin', '$BTC', 'CRYPTO' for the whole market, or a share's symbol.
    timeframe : Window
        ``(start, end)``, the end exclusive, or a length such as '24h' or '30d' up to the catalog's last text. As in a
        run, texts known before the start are not read: an item published just before it, or a repeat of one, belongs
        to the timeframe before.
    catalog : str or Path
        The catalog's folder.
    config : TextConfig, optional
        As the run has it.
    model : TextModel, optional
        The one that `config` names, by default.
    tickers : tuple[str, ...]
        Shares to recognise by their symbol in capitals, as the run has them.

    Returns
    -------
    list[TextSignal]
        By ``ts_init``: when each could first be acted on.

    Raises
    ------
    ConfigError
        `entity` is unknown.
    DataError
        `timeframe` makes no sense, the catalog holds no texts, or a file of it is damaged.
    """
    symbol = canonical(entity)
    if symbol is None:
        raise ConfigError(f"entity {entity!r} is unknown; give a symbol or a name, as 'BTC', 'bitcoin' or 'CRYPTO'")
    settings = config or TextConfig()
    root = Path(catalog)
    start_ns, end_ns = _resolve(timeframe, root, settings)
    items = _released(read_texts(root, start_ns, end_ns - 1), settings, tickers, end_ns)
    return _score([item for item in items if symbol in item.entities.split()], symbol, model, settings)


def _released(texts: list[RawText], config: TextConfig, tickers: tuple[str, ...], end_ns: int) -> list[TextItem]:
    pipeline = create_pipeline(config, tickers)
    prepared = [result for result in map(pipeline.accept, texts) if isinstance(result, PreparedText)]
    prepared.sort(key=lambda text: text.release_ns)  # stable: equal times keep the order of arrival
    return [to_item(text, text.release_ns) for text in prepared if text.release_ns < end_ns]


def _score(items: list[TextItem], symbol: str, model: TextModel | None, config: TextConfig) -> list[TextSignal]:
    chosen = model or create_model(config)
    signals: list[TextSignal] = []
    for first in range(0, len(items), _BATCH):
        batch = items[first : first + _BATCH]
        scores = chosen.analyse([text_for_model(item) for item in batch])
        for item, score in zip(batch, scores, strict=True):
            signals.extend(signal for signal in to_signals(item, score, item.ts_init) if signal.entity == symbol)
    return signals


def _resolve(timeframe: Window, root: Path, config: TextConfig) -> tuple[int, int]:
    files = list_files(text_directory(root))
    if not files:
        raise DataError(
            f"catalog {root} holds no texts; import some with `sagetool import texts FILE --catalog {root}`"
        )
    released_ns = files[-1].last_ns + round(config.ingest_latency_s * NANOS_PER_SECOND) + 1
    return window_ns(timeframe, released_ns + 1)
