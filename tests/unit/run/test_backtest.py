"""What a run needs is looked for before it begins."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.run.backtest import require_parts


def test_a_bar_that_is_none_is_an_error_of_the_configuration_and_names_its_key(project_root: Path) -> None:
    config = load(project_root / "configs" / "demo.toml")
    wrong = msgspec.structs.replace(config, data=msgspec.structs.replace(config.data, bar="5 minutes"))
    with pytest.raises(ConfigError, match=r"`data\.bar`: bar '5 minutes': write STEP-UNIT-PRICE"):
        require_parts(wrong)
