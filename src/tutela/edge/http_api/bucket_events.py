"""Event notifications of object stores: queue new objects of a bucket for scanning.

The form is that of Amazon S3 (`{"Records": [{"eventName": "ObjectCreated:…", "s3": …}]}`), which MinIO, Ceph and others
also send. An object is queued by its address; the same object is queued once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tutela import clock
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.spool.candidates import NamedItem
from tutela.edge.spool.unscanned_entry import Unscanned, unscanned

MOST_EVENTS = 10_000
# The queue keeps an item's name to this length.
_MOST_NAME = 300
_CREATED = ("ObjectCreated", "s3:ObjectCreated")


class _Named(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9._-]+$")]


class _Object(BaseModel):
    model_config = ConfigDict(extra="ignore")

    key: Annotated[str, Field(min_length=1, max_length=3072)]


class _S3(BaseModel):
    model_config = ConfigDict(extra="ignore")

    bucket: _Named
    object: _Object


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore")

    eventName: Annotated[str, Field(max_length=100)]  # noqa: N815 - the store's own name for it
    s3: _S3


class Notification(BaseModel):
    """A notification. Fields that are not needed are not read: stores add their own."""

    model_config = ConfigDict(extra="ignore")

    Records: Annotated[tuple[_Record, ...], Field(max_length=MOST_EVENTS)] = ()
    # What a store sends when it is asked whether the address works.
    Event: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.Records and self.Event is None:
            raise ValueError("has no Records; with Amazon SNS turn on raw message delivery")
        return self


def announced(notification: Notification, fetcher: Fetcher, tenant: str, at: datetime | None = None) -> list[Unscanned]:
    """Queue entries for the created objects, which the caller `tenant` announces.

    Raises FetchRefusedError if an object is in a bucket that is not listed.
    """
    when, found = at or clock.now(), {}
    for record in notification.Records:
        if not record.eventName.startswith(_CREATED):
            continue
        address = f"s3://{record.s3.bucket.name}/{unquote_plus(record.s3.object.key)}"
        fetcher.check(address)
        found[address] = unscanned(NamedItem(_name(address)), when, result=None, location=address, tenant=tenant)
    return list(found.values())


def _name(address: str) -> str:
    """The address, or its end if it is longer than a name may be."""
    plain = "".join(char if char.isprintable() else "?" for char in address)
    return plain if len(plain) <= _MOST_NAME else "…" + plain[-_MOST_NAME + 1 :]
