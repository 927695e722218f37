"""The text models that a configuration can name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.text.protocol import TextModel


def _lexicon() -> TextModel:
    # Compiles its rules on import, which a run without texts need not pay.
    from sagetrade_nautilus.model.text.sentiment import LexiconModel  # noqa: PLC0415

    return LexiconModel()


_MODELS: Final[Mapping[str, Callable[[], TextModel]]] = MappingProxyType({"lexicon": _lexicon})


def create_model(name: str) -> TextModel:
    """Build the text model called `name`.

    Raises
    ------
    ConfigError
        No model has that name.
    """
    try:
        factory = _MODELS[name]
    except KeyError:
        raise ConfigError(f"text model {name!r} is unknown; known are: {', '.join(sorted(_MODELS))}") from None
    return factory()
