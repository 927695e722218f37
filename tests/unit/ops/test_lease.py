"""A lease's answer that makes no sense is a lease that could not be asked for, and ends nothing."""

from pathlib import Path

import httpx
import pytest

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.ops.lease import Holder, LeaseClient


def _holder(folder: Path, raw: bytes) -> Holder:
    (folder / "token").write_text("t")
    client = LeaseClient("http://example.org", "n", "l", 1.0, folder)
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=raw))
    client._http = httpx.Client(transport=transport, base_url="http://example.org")
    return Holder(client, "me", 15.0, lambda line: None)


@pytest.mark.parametrize(
    "raw",
    [b"[]", b'{"spec":[]}', b'{"spec":{"leaseTransitions":"x"}}', b'{"spec":{"holderIdentity":1}}', b"[" * 99_999],
)
def test_what_is_no_lease_is_not_taken(tmp_path: Path, raw: bytes) -> None:
    holder = _holder(tmp_path, raw)
    assert not holder._claim()
    assert "no lease" in holder._error
    holder._give_back()


def test_a_free_lease_is_taken_with_all_that_it_says_besides(tmp_path: Path) -> None:
    assert _holder(tmp_path, b'{"metadata":{"resourceVersion":"7"},"spec":{"holderIdentity":""}}')._claim()


@pytest.mark.parametrize(
    ("url", "said"),
    [("ftp://x", "begins with https://"), ("https://x", r"ca\.crt: no certificate can be read.*--account")],
)
def test_what_is_no_address_or_no_certificate_is_told(url: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        LeaseClient(url, "here", "one", 1.0, tmp_path)


def test_a_certificate_that_is_damaged_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("nothing")
    with pytest.raises(ConfigError, match=r"ca\.crt: no certificate can be read"):
        LeaseClient("https://x", "here", "one", 1.0, tmp_path)
