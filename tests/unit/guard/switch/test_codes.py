"""A file of codes that was damaged takes and gives out no code."""

from pathlib import Path

import pytest

from sagetrade_nautilus.errors import CodeError
from sagetrade_nautilus.guard.switch.codes import Codes

NOW = 1_800_000_000_000_000_000


@pytest.mark.parametrize("changed", ['"salt":"xyz","mac":"00"', '"salt":"00","mac":"\u00e9"', '"salt":"00","mac":"0"'])
def test_a_damaged_challenge_is_a_fault_of_the_file(tmp_path: Path, changed: str) -> None:
    path = tmp_path / "latch.confirm"
    path.write_text(f'{{"challenge":{{"effect":"e","issued_ns":{NOW},{changed}}}}}', encoding="utf-8")
    path.chmod(0o600)
    for act in (lambda: Codes(path).redeem("e", "0000-0000", NOW), lambda: Codes(path).issue("e", NOW)):
        with pytest.raises(CodeError, match="damaged") as caught:
            act()
        assert caught.value.why == "disk"
