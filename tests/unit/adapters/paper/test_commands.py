"""The commands that travel to the paper venue, as they are kept."""

import pytest

from adapters.paper.commands import saved_command
from sagetrade_nautilus.errors import StateError


@pytest.mark.parametrize("raw", [b"", b"[1]", b'["x","y"]', b"[" * 99_999])
def test_a_saved_command_that_is_damaged_is_told(raw: bytes) -> None:
    with pytest.raises(StateError, match="a saved command is damaged"):
        saved_command(raw)
