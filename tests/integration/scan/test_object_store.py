"""A bucket is listed and read by its exact keys, whatever a path would make of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.fakes.media import HasherPool
from tutela.scan import object_store, s3_requests
from tutela.scan.errors import ScanError
from tutela.scan.object_store import ObjectUnreadableError
from tutela.scan.scan import Scan
from tutela.scan.walk import Unread, read

pytest.importorskip("obstore")
KEYS = (
    "/lead.jpg",
    "a+b c.jpg",
    "a//b.jpg",
    "a/plain.jpg",
    "a/%2F/d.jpg",
    "a/äé.jpg",
    "a/last/",
    "lead.jpg",
    "odd?x=1&y#z;[]|\\",
)


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    told = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        object_store._store.cache_clear()
        client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
        client.create_bucket(Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for key in KEYS:
            client.put_object(Bucket="media", Key=key, Body=f"bytes of {key}".encode())
        yield "s3://media"
        object_store._store.cache_clear()
    store.stop()


def test_every_key_is_listed_and_read_as_it_is(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_requests, "PAGE", 2)
    found = list(object_store.list_objects(bucket))
    assert sorted(found) == sorted(f"{bucket}/{key}" for key in KEYS)
    for address in found:
        key = address.removeprefix(f"{bucket}/")
        assert object_store.fetch(address, 1000) == f"bytes of {key}".encode()
        size, _at = object_store.mark(address) or (0, 0)
        assert size == len(f"bytes of {key}".encode())


def test_a_scan_has_an_item_of_each(bucket: str) -> None:
    results = list(Scan(HasherPool(), lambda _: []).run([bucket]))
    assert sorted(one.name for one in results) == sorted(f"{bucket}/{key}" for key in KEYS)
    assert not any(one.unread for one in results)


def test_what_is_under_a_key_and_the_key_itself_are_found(bucket: str) -> None:
    under = sorted(f"{bucket}/{key}" for key in KEYS if key.startswith("a/"))
    assert sorted(object_store.list_objects(f"{bucket}/a")) == under
    assert list(object_store.list_objects(f"{bucket}/a//")) == [f"{bucket}/a//b.jpg"]
    for key in ("/lead.jpg", "a//b.jpg", "lead.jpg"):
        assert list(object_store.list_objects(f"{bucket}/{key}")) == [f"{bucket}/{key}"]
    with pytest.raises(ScanError, match="contains no object"):
        list(object_store.list_objects(f"{bucket}/absent//"))


def test_what_is_not_read_says_why(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ObjectUnreadableError) as large:
        object_store.fetch(f"{bucket}/a//b.jpg", 3)
    assert large.value.code == "too_large"
    told = {
        f"{bucket}/a//absent.jpg": "unreadable",
        f"{bucket}/a/../b.jpg": "unaddressable",
        bucket: "unaddressable",
    }
    for address, code in told.items():
        assert [one.code for one in read(address) if isinstance(one, Unread)] == [code]
        assert object_store.mark(address) is None
    monkeypatch.setattr(s3_requests, "_TRIES", 1)
    with pytest.raises(ScanError, match="cannot be listed: HTTP 404"):
        list(object_store.list_objects("s3://no-bucket"))
