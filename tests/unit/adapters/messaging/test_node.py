"""What a node tells Redis, and how it logs in."""

from pathlib import Path

import pytest

from adapters.messaging.node import external_clients, message_bus_config
from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.errors import ConfigError

REDIS = MessagingConfig(backend="redis")


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of secrets of a folder that this test works in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    path = tmp_path / "config" / "secrets.env"
    path.write_text("SAGETRADE_REDIS_USERNAME=desk\nSAGETRADE_REDIS_PASSWORD=CANARY-1\n")
    path.chmod(0o600)
    return path


def test_by_default_nothing_leaves_the_process_and_no_secret_is_read(secrets: Path) -> None:
    secrets.chmod(0o644)
    assert message_bus_config(MessagingConfig(), {}) is None
    assert external_clients(MessagingConfig()) == []


def test_the_password_comes_from_the_file_or_before_it_from_the_environment_and_no_text_form_shows_it(
    secrets: Path,
) -> None:
    for environment, password in (({}, "CANARY-1"), ({"SAGETRADE_REDIS_PASSWORD": "CANARY-2"}, "CANARY-2")):
        config = message_bus_config(REDIS, environment)
        assert config is not None
        assert config.database is not None
        assert (config.database.username, config.database.password) == ("desk", password)
        assert "CANARY" not in f"{config} {config!r}"


def test_a_file_that_others_can_read_is_not_used(secrets: Path) -> None:
    secrets.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        message_bus_config(REDIS, {})
    assert "CANARY" not in str(caught.value)


def test_without_a_password_none_is_sent(secrets: Path) -> None:
    secrets.unlink()
    config = message_bus_config(REDIS, {})
    assert config is not None
    assert config.database is not None
    assert (config.database.username, config.database.password) == (None, None)
