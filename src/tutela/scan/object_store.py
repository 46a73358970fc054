"""Objects in stores: list a bucket as a stream, and read one object into memory.

Addresses are `s3://bucket/key`, `gs://…` and `az://…`. Credentials, region and another endpoint come from the usual
environment (`AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL`, …). Needs the extra `tutela[cluster]`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from tutela.scan.errors import ScanError

SCHEMES = ("s3://", "gs://", "az://")
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
    store, empty = _store(bucket), True
    try:
        for page in _obstore().list(store, key or None, chunk_size=PAGE):
            empty = empty and not page
            yield from (f"{bucket}/{meta['path']}" for meta in page)
        if key and not key.endswith("/") and _is_there(store, key):
            empty = False
            yield f"{bucket}/{key}"
        if empty:
            raise ScanError(f"{address} contains no object.")
    except _failures(ValueError) as error:
        hint = " Give a list of names instead." if isinstance(error, ValueError) else ""
        raise ScanError(f"{address} cannot be listed: {_short(error)}{hint}") from None


def fetch(address: str, most: int) -> bytes:
    """The bytes of an object, at most `most`. Raises ObjectUnreadableError."""
    bucket, key = _parts(address)
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
    try:
        meta = _obstore().head(_store(bucket), key)
    except _failures(ValueError):
        return None
    return meta["size"], int(meta["last_modified"].timestamp() * 1e9)


def _is_there(store: Any, key: str) -> bool:
    """Whether the address is itself an object: a listing of objects under it does not include it."""
    try:
        _obstore().head(store, key)
    except _failures():
        return False
    return True


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
