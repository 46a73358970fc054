"""Field types that all messages share: lines, texts, digests, ports, countries and sizes."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

# Control characters but the tabulator and the line feed.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")


def printable(text: str) -> str:
    """The text, if it can be shown. Raises `ValueError`."""
    if _CONTROL.search(text) or not text.strip():
        raise ValueError("must not be blank or contain control characters")
    return text


type Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(printable)]
type Text = Annotated[str, Field(min_length=1, max_length=10_000), AfterValidator(printable)]
type Url = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(printable)]
type Lines = Annotated[tuple[Line, ...], Field(max_length=50)]
type Md5 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
type Sha1 = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
type Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
type Port = Annotated[int, Field(ge=1, le=65535)]
type Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
type Size = Annotated[int, Field(ge=0, le=2**53 - 1)]
