"""Fetch files of the public log with a size limit."""

from __future__ import annotations

import httpx

from tutela.edge.errors import (
    UnreachableError,
)
from tutela.tlog.tiles import Fetch

# A bundle of 256 of the longest entries.
_MOST_FILE = 256 * 65_537


def log_files(client: httpx.Client) -> Fetch:
    """The files of a log over HTTP; `client` carries its address. Raises UnreachableError, FileNotFoundError."""

    def fetch(path: str) -> bytes:
        body = bytearray()
        try:
            with client.stream("GET", path) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise FileNotFoundError(2, "the log does not have this file", path)
                if answer.status_code != httpx.codes.OK:
                    raise UnreachableError(f"The log: status {answer.status_code}.")
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > _MOST_FILE:
                        raise UnreachableError("The log's answer is too large.")
        except httpx.HTTPError as error:
            raise UnreachableError(f"The log: {type(error).__name__}.") from None
        return bytes(body)

    return fetch
