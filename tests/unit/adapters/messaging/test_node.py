"""How a node logs in to Redis, and that nothing shows its password."""

from pathlib import Path

import pytest

from adapters.messaging.node import external_clients, redis_database
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


def test_by_default_no_client_of_a_node_stands_in_another_process() -> None:
    assert external_clients(MessagingConfig()) == []


def test_the_password_comes_from_the_file_or_before_it_from_the_environment_and_no_text_form_shows_it(
    secrets: Path,
) -> None:
    for environment, password in (({}, "CANARY-1"), ({"SAGETRADE_REDIS_PASSWORD": "CANARY-2"}, "CANARY-2")):
        database = redis_database(REDIS, environment)
        assert (database.username, database.password) == ("desk", password)
        assert "CANARY" not in f"{database} {database!r}"


def test_a_password_of_any_letters_stands_in_an_address(secrets: Path) -> None:
    database = redis_database(REDIS, {"SAGETRADE_REDIS_PASSWORD": "a/b#c?d%e@f"})
    assert (database.username, database.password) == ("desk", "a%2Fb%23c%3Fd%25e%40f")


def test_a_file_that_others_can_read_is_not_used(secrets: Path) -> None:
    secrets.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        redis_database(REDIS, {})
    assert "CANARY" not in str(caught.value)


def test_without_a_password_none_is_sent(secrets: Path) -> None:
    secrets.unlink()
    database = redis_database(REDIS, {})
    assert (database.username, database.password) == (None, None)


def test_a_user_name_without_a_password_is_refused(secrets: Path) -> None:
    secrets.write_text("SAGETRADE_REDIS_USERNAME=desk\n")
    with pytest.raises(ConfigError, match="SAGETRADE_REDIS_PASSWORD is not"):
        redis_database(REDIS, {})
