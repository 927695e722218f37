"""The text models that a configuration can name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.model.text.protocol import TextModel

# Each is imported when it is asked for: a run without texts need not pay for word lists, weights or a runtime.


def _embedded(config: TextConfig) -> TextModel:
    from sagetrade_nautilus.model.text.embedded import EmbeddedModel  # noqa: PLC0415

    return EmbeddedModel()


def _lexicon(config: TextConfig) -> TextModel:
    from sagetrade_nautilus.model.text.sentiment import LexiconModel  # noqa: PLC0415

    return LexiconModel()


def _transformers(config: TextConfig) -> TextModel:
    from sagetrade_nautilus.nlp.transformers import load_model  # noqa: PLC0415

    return load_model(config.transformers)


_MODELS: Final[Mapping[str, Callable[[TextConfig], TextModel]]] = MappingProxyType(
    {"embedded": _embedded, "lexicon": _lexicon, "transformers": _transformers}
)


def create_model(config: TextConfig) -> TextModel:
    """Build the text model that `config` names.

    Raises
    ------
    ConfigError
        The model, or a package that it needs, is not here; the message says how to get it.
    """
    model = _MODELS[config.model](config)
    if not config.embeddings.events:
        return model
    from sagetrade_nautilus.nlp.embeddings import load_encoder  # noqa: PLC0415
    from sagetrade_nautilus.nlp.prototypes import PrototypeModel  # noqa: PLC0415

    return PrototypeModel(model, load_encoder(config.embeddings.folder), config.embeddings.event_similarity)
