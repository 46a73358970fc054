"""Objects in stores: list a bucket as a stream, and read one object into memory.

Addresses are `s3://bucket/key`, `gs://…` and `az://…`. Credentials, region and another endpoint come from the usual
environment (`AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL`, …). Needs the extra `tutela[cluster]`.

A key of S3 is kept exactly, also one that begins or ends with a slash, or has an empty part (`s3_requests`).
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from tutela.scan import s3_requests
from tutela.scan.errors import ScanError
from tutela.scan.s3_requests import S3Error, S3TooLargeError

_S3 = "s3://"
SCHEMES = (_S3, "gs://", "az://")
# Names that one answer of a store holds; a listing of any length stays a stream of these.
PAGE = 1000
# An object that is unavailable for this long becomes one result that states this; the scan continues.
RETRY = timedelta(seconds=60)


class NoStoreError(ScanError):
    """A bucket can be read where `tutela[cluster]` is installed."""


class ObjectUnreadableError(Exception):
    """One object could not be read; `code` is as for files (`unreadable`, `too_large`), or `unaddressable`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def is_object(name: str) -> bool:
    """Whether the name is an address in a store rather than a path."""
    return name.startswith(SCHEMES)


def list_objects(address: str) -> Iterator[str]:
    """The addresses of the objects at or under an address, in the store's order. Raises ScanError."""
    bucket, key = _parts(address)
    empty = True
    try:
        for found in _keys(bucket, key):
            empty = False
            yield f"{bucket}/{found}"
        if key and not key.endswith("/") and mark(address) is not None:
            empty = False
            yield f"{bucket}/{key}"
        if empty:
            raise ScanError(f"{address} contains no object.")
    except S3Error as error:
        raise ScanError(f"{address} cannot be listed: {error}.") from None
    except _failures(ValueError) as error:
        hint = " Give a list of names instead." if isinstance(error, ValueError) else ""
        raise ScanError(f"{address} cannot be listed: {_short(error)}{hint}") from None


def fetch(address: str, most: int) -> bytes:
    """The bytes of an object, at most `most`. Raises ObjectUnreadableError."""
    bucket, key = _parts(address)
    if _is_exact(bucket, key):
        return _fetch_exact(bucket, key, most)
    try:
        found = _obstore().get(_store(bucket), key)
        if found.meta["size"] > most:
            raise ObjectUnreadableError("too_large", f"more than {most} bytes")
        return bytes(found.bytes())
    except _failures() as error:
        raise ObjectUnreadableError("unreadable", _short(error)) from None
    except ValueError:
        raise ObjectUnreadableError("unaddressable", "its key has an empty part, or a part that is a dot") from None


def mark(address: str) -> tuple[int, int] | None:
    """(size, time of its last change in nanoseconds); None where the store does not say."""
    bucket, key = _parts(address)
    if _is_exact(bucket, key):
        return s3_requests.mark_of(bucket, _store(bucket), key) if s3_requests.can_be_addressed(key) else None
    try:
        meta = _obstore().head(_store(bucket), key)
    except _failures(ValueError):
        return None
    return meta["size"], int(meta["last_modified"].timestamp() * 1e9)


def _keys(bucket: str, key: str) -> Iterator[str]:
    """The keys under a key. Without a signature, as for a public bucket, the library lists them."""
    store = _store(bucket)
    if bucket.startswith(_S3) and not _unsigned():
        yield from s3_requests.list_keys(bucket, store, key if not key or key.endswith("/") else f"{key}/")
        return
    for page in _obstore().list(store, key or None, chunk_size=PAGE):
        yield from (meta["path"] for meta in page)


def _unsigned() -> bool:
    return os.environ.get("AWS_SKIP_SIGNATURE", "").lower() in ("1", "true", "yes", "on", "y", "t")


def _is_exact(bucket: str, key: str) -> bool:
    """Whether a key of S3 is another one, or none, for a library that takes it for a path."""
    return bucket.startswith(_S3) and not {"", ".", ".."}.isdisjoint(key.split("/"))


def _fetch_exact(bucket: str, key: str, most: int) -> bytes:
    if not s3_requests.can_be_addressed(key):
        raise ObjectUnreadableError("unaddressable", "it has no key, or a key with a part that is a dot or two")
    try:
        return s3_requests.read_object(bucket, _store(bucket), key, most)
    except S3TooLargeError as error:
        raise ObjectUnreadableError("too_large", str(error)) from None
    except S3Error as error:
        raise ObjectUnreadableError("unreadable", str(error)) from None


def _parts(address: str) -> tuple[str, str]:
    scheme, _, rest = address.partition("://")
    bucket, _, key = rest.partition("/")
    if not bucket:
        raise ScanError(f"{address} does not name a bucket.")
    return f"{scheme}://{bucket}", key


@cache
def _store(bucket: str) -> Any:
    # Without TLS only where somebody asked for it by naming such an endpoint.
    clear = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    options = {"timeout": "60s", "allow_http": clear}
    try:
        made = importlib.import_module("obstore.store").from_url
        return made(bucket, client_options=options, retry_config={"max_retries": 4, "retry_timeout": RETRY})
    except ImportError:
        raise NoStoreError from None
    except _failures() as error:
        raise ScanError(f"{bucket} cannot be used: {_short(error)}") from None


def _obstore() -> Any:
    try:
        return importlib.import_module("obstore")
    except ImportError:
        raise NoStoreError from None


def _failures(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """Exceptions of a store; a missing object raises the built-in FileNotFoundError."""
    return (_obstore().exceptions.BaseError, OSError, *more)


def _short(error: Exception) -> str:
    """Without the page of XML with which a store explains itself."""
    return str(error).strip().split("\n")[0].partition(": <")[0][:300]
