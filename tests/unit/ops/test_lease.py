"""A lease that cannot be asked for is refused before anything waits for it."""

from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.ops.lease import LeaseClient


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
