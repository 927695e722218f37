"""Tasks for pools: functions of a module, as workers must be able to import them."""

import os
import signal
import time
from pathlib import Path

import msgspec
import numpy as np

from sagetrade_nautilus.errors import DataError


class Setting(msgspec.Struct, frozen=True):
    seed: int
    size: int = 300


class Measured(msgspec.Struct, frozen=True):
    seed: int
    total: float
    values: tuple[float, ...]


class Errand(msgspec.Struct, frozen=True):
    """What a task does once: the file is its memory."""

    name: str
    folder: str
    deaths: int = 0


def measure(setting: Setting) -> Measured:
    """Sums whose last bit depends on their order."""
    values = np.random.default_rng(setting.seed).normal(size=(setting.size, setting.size))
    product = values @ values.T
    return Measured(setting.seed, float(product.sum()), tuple(product[0, :5].tolist()))


def noted(errand: Errand) -> str:
    """Leave a mark, and die as often as it is asked to before it gives an answer."""
    marks = sorted(Path(errand.folder).glob(f"{errand.name}.*"))
    Path(errand.folder, f"{errand.name}.{len(marks)}").touch()
    if len(marks) < errand.deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return errand.name


def refuse(number: int) -> int:
    raise DataError(f"no bars for {number}")


def linger(number: int) -> int:
    if number > 0:
        time.sleep(60.0)
    return number


def square(number: int) -> int:
    return number * number
