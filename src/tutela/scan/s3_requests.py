"""Requests to S3 by the exact key: list keys, and read the object of any key.

The library for stores treats keys as paths. It refuses `a//b`, and takes `/a` for `a`. S3 knows no paths, so keys are
listed and such objects are read by requests of this module. The library signs them: it is given the request as the
address of a bucket, and adds to it only `/_`, which ends in a parameter that S3 passes over.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode

import httpx
from lxml import etree

from tutela.exchange.message.xml_documents import DocumentTypeError, NotXmlError, root_of

PAGE = 1000
_UNUSED = "x-tutela"
_VALID = timedelta(minutes=15)
_SECONDS = 60
_PLAIN = {"Accept-Encoding": "identity"}
_TRIES = 5
# A page of a thousand keys, each as long as a key may be with every character escaped.
_MOST_PAGE_BYTES = 16 << 20
_CHUNK_BYTES = 1 << 20


class S3Error(Exception):
    """S3 did not answer as asked; the text says how."""


class S3TooLargeError(S3Error):
    """The object has more bytes than were asked for."""


def list_keys(bucket: str, store: Any, prefix: str) -> Iterator[str]:
    """Every key that begins with a prefix, exactly as it is. Raises S3Error."""
    going_on = ""
    while True:
        query = {"list-type": "2", "encoding-type": "url", "max-keys": str(PAGE), "prefix": prefix}
        page = _page(bucket, store, query | ({"continuation-token": going_on} if going_on else {}))
        decode = unquote_plus if _text(page, "EncodingType") == "url" else str
        yield from (decode(_text(one, "Key")) for one in page if _name(one) == "Contents")
        going_on = _text(page, "NextContinuationToken") if _text(page, "IsTruncated") == "true" else ""
        if not going_on:
            return


def read_object(bucket: str, store: Any, key: str, most: int) -> bytes:
    """The bytes of an object. Raises S3Error, and S3TooLargeError beyond `most`."""
    return _answer("GET", _signed("GET", bucket, store, f"/{quote(key)}"), most)[1]


def mark_of(bucket: str, store: Any, key: str) -> tuple[int, int] | None:
    """(size, time of the last change in nanoseconds) of an object; None where S3 does not say."""
    try:
        head, _body = _answer("HEAD", _signed("HEAD", bucket, store, f"/{quote(key)}"), 0)
        changed = parsedate_to_datetime(head["last-modified"])
        return int(head["content-length"]), int(changed.timestamp() * 1e9)
    except (S3Error, KeyError, ValueError):
        return None


def can_be_addressed(key: str) -> bool:
    """Whether an address can have this key: a part that is a dot or two would change the address."""
    return bool(key) and {".", ".."}.isdisjoint(key.split("/"))


def _page(bucket: str, store: Any, query: Mapping[str, str]) -> etree._Element:
    _head, body = _answer(
        "GET", _signed("GET", bucket, store, f"?{urlencode(query, quote_via=quote)}"), _MOST_PAGE_BYTES
    )
    try:
        page = root_of(body)
    except (NotXmlError, DocumentTypeError):
        raise S3Error("the listing is not XML") from None
    if _name(page) != "ListBucketResult":
        raise S3Error("the answer is not a listing")
    return page


def _signed(method: str, bucket: str, store: Any, target: str) -> str:
    """A signed address of a target: what follows the bucket in an address."""
    obstore, from_url = importlib.import_module("obstore"), importlib.import_module("obstore.store").from_url
    try:
        own = str(obstore.sign(store, "GET", "_", _VALID)).partition("?")[0].removesuffix("/_")
        sign = "&" if "?" in target else "?"
        at = from_url(
            bucket,
            endpoint=f"{own}{target}{sign}{_UNUSED}=",
            virtual_hosted_style_request=True,
            client_options={"allow_http": own.startswith("http://")},
        )
        return str(obstore.sign(at, method, "_", _VALID))
    except (obstore.exceptions.BaseError, ValueError) as error:
        raise S3Error(f"the request cannot be signed ({type(error).__name__})") from None


def _answer(method: str, url: str, most: int) -> tuple[httpx.Headers, bytes]:
    """Head and body; a store that does not answer, or is busy, is asked again."""
    for left in reversed(range(_TRIES)):
        try:
            with httpx.stream(method, url, headers=_PLAIN, timeout=_SECONDS, follow_redirects=False) as answer:
                if answer.status_code == httpx.codes.OK:
                    return answer.headers, _body(answer, most)
                wrong, again = f"HTTP {answer.status_code}", answer.status_code in (429, 500, 502, 503, 504)
        except httpx.HTTPError as error:
            wrong, again = type(error).__name__, True
        if not (left and again):
            break
        time.sleep(2 ** (_TRIES - 1 - left))
    raise S3Error(wrong)


def _body(answer: httpx.Response, most: int) -> bytes:
    body = bytearray()
    for chunk in answer.iter_raw(_CHUNK_BYTES):
        body += chunk
        if len(body) > most:
            raise S3TooLargeError(f"more than {most} bytes")
    return bytes(body)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _text(element: etree._Element, name: str) -> str:
    return next((one.text or "" for one in element if _name(one) == name), "")
