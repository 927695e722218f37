"""A secret comes from the environment or a file that is its owner's alone, and shows itself nowhere."""

import copy
import json
import os
import pickle
import re
import stat
import traceback
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.alpaca import switch
from adapters.messaging import connection
from adapters.news import alpaca, reddit, telegram, x
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.run.node import bot
from sagetrade_nautilus.secrets import KNOWN, Secret, _is_open_to_others, find_secret, present, read_secret

CANARY = "canary-7f3a-do-not-show"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "secrets.env"
    made.write_text("")
    made.chmod(0o600)
    return made


def test_no_text_form_shows_it() -> None:
    secret = Secret(CANARY)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", f"{secret:>40}", "%s %r" % (secret, secret)]  # noqa: UP031
    shown += [repr([secret]), repr({"key": secret}), format(secret, "")]
    assert not any(CANARY in text for text in shown)
    assert secret.reveal() == CANARY


def test_neither_pickle_nor_json_takes_it() -> None:
    secret = Secret(CANARY)
    for encode in (pickle.dumps, json.dumps, msgspec.json.encode, msgspec.msgpack.encode):
        with pytest.raises(TypeError) as caught:
            encode(secret)
        assert CANARY not in str(caught.value)


def test_a_traceback_with_its_locals_does_not_show_it() -> None:
    secret = Secret(CANARY)

    def fail(key: Secret) -> None:
        raise ValueError(f"no good: {key}")

    with pytest.raises(ValueError, match="no good") as caught:
        fail(secret)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "key = Secret(***)" in "".join(told.format())
    assert CANARY not in "".join(told.format())


def test_copies_are_the_same_and_equal_values_are_equal() -> None:
    secret = Secret(CANARY)
    assert copy.deepcopy({"key": secret})["key"] is secret
    assert secret == Secret(CANARY)
    assert secret != Secret("other")
    assert secret != CANARY


def test_the_environment_counts_before_the_file(path: Path) -> None:
    path.write_text("KEY=of the file\n")
    assert read_secret("KEY", environment={"KEY": "of the environment"}, path=path).reveal() == "of the environment"
    assert read_secret("KEY", environment={"KEY": ""}, path=path).reveal() == "of the file"


def test_the_file_may_hold_comments_quotes_and_exports(path: Path) -> None:
    path.write_text("# mine\n\nexport A='one two'\nB = \"x=y#z\"\nC=plain\n")
    found = [read_secret(name, environment={}, path=path).reveal() for name in "ABC"]
    assert found == ["one two", "x=y#z", "plain"]


@pytest.mark.parametrize("text", [None, "", "OTHER=1\n", "KEY=\n"])
def test_a_missing_key_is_named_with_the_way_to_set_it(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    with pytest.raises(ConfigError, match=r"KEY is not set: export it, or put a line KEY=\.\.\. into .*secrets\.env"):
        read_secret("KEY", environment={}, path=path)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o602, 0o604, 0o660, 0o666])
def test_a_file_that_others_can_open_is_refused(path: Path, mode: int) -> None:
    path.write_text(f"KEY={CANARY}\n")
    path.chmod(mode)
    with pytest.raises(ConfigError, match="others may read or write it; `chmod 600") as caught:
        read_secret("KEY", environment={}, path=path)
    assert CANARY not in str(caught.value)


def test_a_folder_and_bytes_that_are_no_text_are_refused(path: Path) -> None:
    path.write_bytes(b"KEY=\xff\xfe\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_secret("KEY", environment={}, path=path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match="not a regular file"):
        read_secret("KEY", environment={}, path=path)


def test_a_line_that_makes_no_sense_is_named_and_not_shown(path: Path) -> None:
    path.write_text(f"A=1\n{CANARY}\n")
    with pytest.raises(ConfigError, match="line 2: not NAME=value") as caught:
        read_secret("A", environment={}, path=path)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("value", [f" {CANARY}", f"{CANARY}\n", f"{CANARY}\x00", f"{CANARY}\u200b"])
def test_a_value_with_what_cannot_be_seen_is_refused_and_not_shown(path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match="KEY: it holds blanks") as caught:
        read_secret("KEY", environment={"KEY": value}, path=path)
    assert CANARY not in str(caught.value)


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=12))
def test_whatever_the_value_it_is_masked(value: str) -> None:
    secret = Secret(value)
    assert repr(secret) == str(secret) == f"{secret}" == "Secret(***)"
    assert read_secret("KEY", environment={"KEY": value}).reveal() == value


def test_a_secret_that_is_nowhere_may_be_asked_for_but_an_unsafe_file_is_still_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    assert find_secret("KEY", environment={}, path=path) is None
    path.write_text("OTHER=x\n")
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read"):
        find_secret("KEY", environment={}, path=path)


def test_the_example_of_the_file_names_every_key_of_sources_brokers_and_redis(project_root: Path) -> None:
    example = (project_root / "config" / "secrets.env.example").read_text()
    wanted = {*alpaca.KEYS, *reddit.KEYS, *telegram.KEYS, x.KEY, switch.KEY_NAME, switch.SECRET_NAME}
    wanted |= {connection.USERNAME, connection.PASSWORD, bot.TOKEN, "LLM_API_KEY", "GITHUB_TOKEN"}
    assert wanted == set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) == set(KNOWN)


def test_a_secret_may_be_a_file_of_its_own_that_only_its_owner_reads(tmp_path: Path) -> None:
    mounted = tmp_path / "key"
    mounted.write_text(f"{CANARY}\n")
    mounted.chmod(0o400)
    environment = {"KEY_FILE": str(mounted)}
    assert read_secret("KEY", environment=environment, path=tmp_path / "none").reveal() == CANARY
    mounted.chmod(0o444)
    with pytest.raises(ConfigError, match="others may read") as caught:
        read_secret("KEY", environment=environment, path=tmp_path / "none")
    assert CANARY not in str(caught.value)
    with pytest.raises(ConfigError, match=r"KEY_FILE: .* no such file"):
        read_secret("KEY", environment={"KEY_FILE": str(tmp_path / "gone")}, path=tmp_path / "none")


@pytest.mark.parametrize(
    ("mode", "owner", "group", "is_mounted", "refused"),
    [
        (0o440, 0, 10001, True, False),
        (0o400, 0, 10001, True, False),
        (0o440, 0, 10001, False, True),
        (0o440, 0, 100, True, True),
        (0o440, 10001, 10001, True, True),
        (0o460, 0, 10001, True, True),
        (0o444, 0, 10001, True, True),
    ],
)
def test_a_group_of_ours_may_read_what_root_has_mounted_for_it_and_nothing_else(
    mode: int, owner: int, group: int, is_mounted: bool, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 10001)
    monkeypatch.setattr("os.getegid", lambda: 10001)
    status = os.stat_result((stat.S_IFREG | mode, 0, 0, 1, owner, group, 0, 0, 0, 0))
    assert _is_open_to_others(status, is_mounted=is_mounted) is refused


@pytest.mark.parametrize("value", ["hunter2", f"4711:{CANARY}!", f"bot4711:{'a' * 35}", f"4711:{'a' * 35}\u200b"])
def test_a_bots_token_of_another_form_is_refused_unshown_and_masked_all_the_same(tmp_path: Path, value: str) -> None:
    environment, path = {bot.TOKEN: value}, tmp_path / "none"
    with pytest.raises(
        ConfigError, match=rf"{bot.TOKEN}: (what is set there is no bot's token|it holds blanks)"
    ) as caught:
        find_secret(bot.TOKEN, environment=environment, path=path)
    assert value not in str(caught.value)
    assert Secret(value) in present(environment=environment, path=path)
