"""NlpActor: clean items in, one bounded text signal per subject out."""

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import DataType

from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import TextItem, bus_topic, text_signal_type
from sagetrade_nautilus.nlp.messages import ask_model, text_for_model, to_signals
from sagetrade_nautilus.nlp.models import create_model


class NlpActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of an `NlpActor`.

    Parameters
    ----------
    text : TextConfig
        Which model, and what it needs.
    """

    text: TextConfig = TextConfig()


class NlpActor(Actor):
    """Publishes a `TextSignal` per entity of each `TextItem`, on a topic of that entity.

    An answer of the model that is out of its bounds, or none at all, is dropped and counted in `refused`.
    """

    def __init__(self, config: NlpActorConfig) -> None:
        super().__init__(config)
        self._model = create_model(config.text)
        self.refused = 0

    @property
    def model_name(self) -> str:
        """Name and version of the model, for the run's fingerprint."""
        return self._model.name

    @property
    def _topic(self) -> str:
        return bus_topic(DataType(TextItem))

    def on_start(self) -> None:
        self.msgbus.subscribe(self._topic, self.handle_data)

    def on_stop(self) -> None:
        self.msgbus.unsubscribe(self._topic, self.handle_data)
        if self.refused:
            self.log.warning(f"{self.refused} answers of {self.model_name} were missing or out of bounds, and dropped")

    def on_reset(self) -> None:
        self.refused = 0

    def on_data(self, data: TextItem) -> None:
        score = ask_model(self._model, text_for_model(data))
        signals = to_signals(data, score, self.clock.timestamp_ns()) if score is not None else []
        self.refused += not signals
        for signal in signals:
            self.publish_data(text_signal_type(signal.entity), signal)
