"""What a node has streamed goes into the catalog once, however it ended."""

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest
from nautilus_trader.common.component import TestClock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.data import Bar
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from nautilus_trader.persistence.writer import StreamingFeatherWriter
from nautilus_trader.test_kit.stubs.component import TestComponentStubs

from catalog.arrivals import FOLDER, read_arrivals
from catalog.instruments import Definition, instrument_for
from catalog.store import read_bars, read_texts
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.run.node.recording import Recording, streaming
from tests.support.engine import BTC, DAY, SECOND, START, bars

CLOSES = [40_000.0 + number for number in range(12)]


class Node:
    """Streams as a node does, on a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.instance = str(UUID4())
        self.clock = TestClock()
        self.clock.set_time(START)
        cache = TestComponentStubs.cache()
        cache.add_instrument(instrument_for(BTC))
        settings = streaming(folder)
        self.writer = StreamingFeatherWriter(
            f"{settings.catalog_path}/live/{self.instance}", cache, self.clock,
            fs_protocol=settings.fs_protocol, include_types=settings.include_types,
            rotation_mode=settings.rotation_mode, rotation_interval=settings.rotation_interval,
        )  # fmt: skip

    def hear(self, found: list[Bar]) -> None:
        for bar in found:
            self.clock.set_time(bar.ts_init)
            self.writer.write(bar)
        self.writer.flush()

    def files(self, folder: Path) -> list[Path]:
        return sorted((folder / "stream" / "live" / self.instance / "bar").rglob("*.feather"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "catalog"


@pytest.fixture
def recording(tmp_path: Path, root: Path) -> Recording:
    made = Recording(tmp_path, root)
    made.begin([instrument_for(BTC)])
    return made


def test_bars_of_a_node_that_runs_are_there_and_a_second_roll_adds_none(
    tmp_path: Path, root: Path, recording: Recording
) -> None:
    node = Node(tmp_path)
    node.hear(bars(CLOSES))
    assert recording.roll(node.instance).bars == 12
    assert recording.roll(node.instance) == (0, 0, 0)
    assert read_bars(root, BTC, "5-MINUTE-LAST").close.tolist() == CLOSES
    assert node.files(tmp_path)


def test_a_day_that_is_over_leaves_the_stream_and_the_next_goes_on(
    tmp_path: Path, root: Path, recording: Recording
) -> None:
    node = Node(tmp_path)
    node.hear(bars(CLOSES))
    node.hear(bars(CLOSES, start=START + DAY))
    node.hear(bars(CLOSES, start=START + DAY + DAY // 2))
    assert len(node.files(tmp_path)) > 1
    assert recording.roll(node.instance).bars == 36
    assert len(node.files(tmp_path)) == 1
    assert len(ParquetDataCatalog(str(root)).bars()) == 36


def test_what_a_killed_node_left_is_read_as_far_as_it_goes(tmp_path: Path, root: Path, recording: Recording) -> None:
    node = Node(tmp_path)
    node.hear(bars(CLOSES))
    (file,) = node.files(tmp_path)
    file.write_bytes(file.read_bytes()[:-100])
    rolled = recording.roll()
    assert 0 < rolled.bars < 12
    assert not file.exists()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE])
@pytest.mark.parametrize("where", ["open", "read"])
def test_a_file_that_the_disk_does_not_give_is_told_and_stays(
    tmp_path: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch, number: int, where: str
) -> None:
    node = Node(tmp_path)
    node.hear(bars(CLOSES))
    node.writer.close()

    def refuses(*given: object, **named: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as disk:
        if where == "open":
            disk.setattr(Path, "open", refuses)
        else:
            disk.setattr(pa.ipc, "open_stream", refuses)
        with pytest.raises(DataError, match=r"feather: cannot be read"):
            recording.roll()
    assert len(node.files(tmp_path)) == 1
    assert recording.roll().bars == len(CLOSES)


def test_the_same_bars_of_two_nodes_are_kept_once(tmp_path: Path, root: Path, recording: Recording) -> None:
    for _ in range(2):
        Node(tmp_path).hear(bars(CLOSES))
    assert recording.roll().bars == 12


def test_when_each_bar_came_is_kept_beside_it_and_the_first_time_stays(
    tmp_path: Path, root: Path, recording: Recording
) -> None:
    found = bars(CLOSES)
    for late in (SECOND, 5 * SECOND):
        Node(tmp_path).hear([Bar.from_dict(Bar.to_dict(bar) | {"ts_init": bar.ts_event + late}) for bar in found])
        recording.roll()
    assert read_bars(root, BTC, "5-MINUTE-LAST").ts.tolist() == [bar.ts_event for bar in found]
    assert [bar.ts_init for bar in ParquetDataCatalog(str(root)).bars()] == [bar.ts_event for bar in found]
    came = read_arrivals(root, found[0].bar_type, START, found[-2].ts_event)
    assert came == {bar.ts_event: bar.ts_event + SECOND for bar in found[:-1]}


def test_bars_of_the_past_that_a_node_asked_for_say_nothing_of_when_bars_come(
    tmp_path: Path, root: Path, recording: Recording
) -> None:
    past, live = bars(CLOSES)[:6], bars(CLOSES)[6:]
    begun = past[-1].ts_event + SECOND
    node = Node(tmp_path)
    node.clock.set_time(begun)
    for bar in past:
        node.writer.write(Bar.from_dict(Bar.to_dict(bar) | {"ts_init": begun}))
    node.hear([Bar.from_dict(Bar.to_dict(bar) | {"ts_init": bar.ts_event + SECOND}) for bar in live])
    assert recording.roll().bars == 12
    came = read_arrivals(root, past[0].bar_type, START, START + DAY)
    assert came == {bar.ts_event: bar.ts_event + SECOND for bar in [past[-1], *live]}


def test_a_damaged_file_of_arrivals_is_told(tmp_path: Path, root: Path, recording: Recording) -> None:
    Node(tmp_path).hear(bars(CLOSES))
    recording.roll()
    (file,) = (root / FOLDER).rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(DataError, match="damaged"):
        read_arrivals(root, bars(CLOSES)[0].bar_type, START, START + DAY)


def test_bars_that_contradict_the_catalog_are_refused_and_stay_in_the_stream(
    tmp_path: Path, root: Path, recording: Recording
) -> None:
    Node(tmp_path).hear(bars(CLOSES))
    recording.roll()
    other = Node(tmp_path)
    other.hear(bars([close + 1.0 for close in CLOSES]))
    with pytest.raises(DataError, match="differ from the catalog's"):
        recording.roll()
    assert other.files(tmp_path)
    assert read_bars(root, BTC, "5-MINUTE-LAST").close.tolist() == CLOSES


def test_an_instrument_that_the_catalog_defines_otherwise_stops_the_start(tmp_path: Path, recording: Recording) -> None:
    markets = [
        instrument_for("XYZUSDT.BINANCE", Definition(price_precision=decimals, size_precision=5, quote="USDT"))
        for decimals in (3, 4)
    ]
    recording.begin(markets[:1])
    with pytest.raises(DataError, match="import into another catalog"):
        recording.begin(markets[1:])


def test_texts_are_kept_with_the_time_of_their_first_sight(tmp_path: Path, root: Path, recording: Recording) -> None:
    node = Node(tmp_path)
    text = RawText(
        source="wire", title="a title", body="", url="https://example.org/1", first_seen_known=True,
        ts_event=START, ts_init=START + 5,
    )  # fmt: skip
    node.writer.write(text)
    node.writer.flush()
    assert recording.roll().texts == 1
    assert [(kept.title, kept.ts_init, kept.first_seen_known) for kept in read_texts(root)] == [
        ("a title", START + 5, True)
    ]


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"a": [1]}),
        pa.table({"ts_init": [1]}).replace_schema_metadata({b"bar_type": b"\xff"}),
        pa.table({"ts_init": [1]}).replace_schema_metadata({b"bar_type": b"x"}),
    ],
)
def test_a_streamed_file_of_something_else_is_told_and_stays(
    tmp_path: Path, recording: Recording, table: pa.Table
) -> None:
    path = tmp_path / "stream" / "live" / "node" / "bar" / "x_1.feather"
    path.parent.mkdir(parents=True)
    with pa.ipc.new_stream(path, table.schema) as stream:
        stream.write_table(table)
    with pytest.raises(DataError, match=r"x_1\.feather: what was streamed there is damaged"):
        recording.roll()
    assert path.exists()
