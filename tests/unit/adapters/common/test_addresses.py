"""Keys go out encrypted, or stay on this machine."""

import pytest

from adapters.common.addresses import is_safe


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("https://api.example.com", "https"),
        ("wss://stream.example.com/v2", "wss"),
        ("http://localhost:8080/x", "https"),
        ("http://127.0.0.1", "https"),
        ("http://[::1]:1", "https"),
        ("ws://127.0.0.1:9", "wss"),
    ],
)
def test_what_is_encrypted_or_stays_here_is_safe(url: str, scheme: str) -> None:
    assert is_safe(url, scheme)


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("http://api.example.com", "https"),
        ("http://localhost.example.com", "https"),
        ("http://127.0.0.1.example.com", "https"),
        ("http://127.0.0.1@example.com", "https"),
        ("ws://stream.example.com", "wss"),
        ("https://stream.example.com", "wss"),
        ("ftp://localhost", "https"),
        ("http://[", "https"),
        ("api.example.com", "https"),
        ("", "https"),
    ],
)
def test_what_could_be_read_on_its_way_is_not(url: str, scheme: str) -> None:
    assert not is_safe(url, scheme)
