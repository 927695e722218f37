"""Snapshots in an object store, spoken to over HTTP as S3 is."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import httpx
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from sagetrade_nautilus.errors import SnapshotError
from sagetrade_nautilus.ops.snapshots import copy
from sagetrade_nautilus.ops.snapshots.create import create
from sagetrade_nautilus.ops.snapshots.store import Store
from tests.support.snapshots import NOW, check_copy, make_home

BUCKET = "s3://desk"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a server of S3's interface, with a bucket, that the usual settings point to; yield its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "marked",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{address}/moto-api/reset")  # what it holds outlives a server
    s3fs.S3FileSystem.clear_instance_cache()
    where = {"LocationConstraint": "eu-central-1"}
    boto3.client("s3").create_bucket(Bucket="desk", CreateBucketConfiguration=where)
    yield address
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_what_was_put_into_an_object_store_comes_back_the_same(s3: str, tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    check_copy(f"{BUCKET}/sagetrade", home, Store(tmp_path / "snapshots"), Store(tmp_path / "elsewhere"))


def test_an_object_that_was_damaged_there_is_refused(s3: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "snapshots")
    snapshot = create(make_home(tmp_path / "home"), store, NOW)
    copy.push(store, snapshot, BUCKET)
    s3fs.S3FileSystem().pipe_file(f"desk/objects/{snapshot.entries[0].sha256}", b"other")
    elsewhere = Store(tmp_path / "elsewhere")
    with pytest.raises(SnapshotError, match="damaged there"):
        copy.pull(BUCKET, snapshot.name, elsewhere)
    assert elsewhere.names() == []


def test_a_bucket_that_is_not_there_is_named_and_no_key_is(s3: str, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="s3://nobody") as raised:
        copy.pull("s3://nobody/sagetrade", "20260101T000000", Store(tmp_path / "snapshots"))
    assert "marked" not in str(raised.value)
