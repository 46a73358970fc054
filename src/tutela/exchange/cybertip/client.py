"""Client of a CyberTipline interface: each call once, its answer read by its code at any HTTP status.

After `NoAnswerError` it is unknown whether a call arrived; the caller decides how to continue.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tutela.exchange.cybertip.responses import Code
from tutela.exchange.feeds.http_client import Guarded, HttpAnswer, NoAnswerError
from tutela.exchange.message.text_cleanup import whole_number
from tutela.exchange.message.xml_documents import DocumentTypeError, NotXmlError, root_of

_XML = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass(frozen=True)
class CybertipAnswer:
    """Answer: its code, its text, and the report, file and digest that it names."""

    code: int
    words: str = ""
    report: int | None = None
    file: str = ""
    md5: str = ""

    @property
    def good(self) -> bool:
        return self.code == Code.SUCCESS


class Passing(io.RawIOBase):
    """Stream bytes from one place to another: counted and hashed, never stored.

    If the length is known beforehand, it is passed to the sender, and another length is an error.
    """

    def __init__(self, chunks: Iterable[bytes], length: int | None = None) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._length = length
        self._left = b""
        self._md5, self._sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At least a byte until the end, at most `size`."""
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._left = chunk
        most = len(self._left) if size < 0 else size
        out, self._left = self._left[:most], self._left[most:]
        self.size += len(out)
        self._md5.update(out)
        self._sha256.update(out)
        return out

    def tell(self) -> int:
        return self.size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Does not move; returns the length to a caller that looks for the end."""
        if self._length is None:
            raise io.UnsupportedOperation("the length is not known")
        return self._length if whence == io.SEEK_END else self.size

    @property
    def md5(self) -> str:
        return self._md5.hexdigest()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


class Client:
    """One account at one interface. Raises `AddressRefusedError` and `NoAnswerError`, as `Guarded` does."""

    def __init__(self, base: str, username: str, password: str, way: Guarded) -> None:
        account = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._base, self._way, self._headers = base.rstrip("/"), way, {"Authorization": f"Basic {account}"}

    def status(self) -> CybertipAnswer:
        """Whether the account is let in."""
        return _said(self._way.get(f"{self._base}/status", self._headers))

    def submit(self, document: bytes) -> CybertipAnswer:
        """Open a report; the answer names its number."""
        return self._document("submit", document)

    def upload(self, number: int, name: str, passing: Passing) -> CybertipAnswer:
        """Pass a file on; the answer names its id and the MD5 of what arrived."""
        # The name is neutral, because the file's own name is in its details.
        parts = {"id": (None, str(number)), "file": (name, passing, "application/octet-stream")}
        return _said(self._way.send("POST", f"{self._base}/upload", self._headers, files=parts))

    def describe(self, document: bytes) -> CybertipAnswer:
        """Details of a file, once."""
        return self._document("fileinfo", document)

    def finish(self, number: int) -> CybertipAnswer:
        """File the report; nothing can be added or taken back after that."""
        return self._about("finish", number)

    def retract(self, number: int) -> CybertipAnswer:
        """Take an open report back."""
        return self._about("retract", number)

    def _document(self, path: str, document: bytes) -> CybertipAnswer:
        return _said(self._way.send("POST", f"{self._base}/{path}", {**self._headers, **_XML}, content=document))

    def _about(self, path: str, number: int) -> CybertipAnswer:
        return _said(self._way.send("POST", f"{self._base}/{path}", self._headers, files={"id": (None, str(number))}))


def _said(answer: HttpAnswer) -> CybertipAnswer:
    if answer.status == 401 and not answer.body.strip():
        return CybertipAnswer(Code.AUTHENTICATION_REQUIRED, Code.AUTHENTICATION_REQUIRED.words)
    try:
        root = root_of(answer.body)
        code = int((root.findtext("responseCode") or "").strip())
        number = (root.findtext("reportId") or "").strip()
    except (NotXmlError, DocumentTypeError, ValueError):
        raise NoAnswerError(f"HTTP {answer.status}, and the body is not in the form of the interface.") from None
    if root.tag not in ("reportResponse", "reportDoneResponse"):
        raise NoAnswerError(f"HTTP {answer.status}, and the body is not in the form of the interface.")
    return CybertipAnswer(
        code,
        (root.findtext("responseDescription") or "").strip()[:500],
        whole_number(number),
        " ".join((root.findtext("fileId") or "").split())[:200],
        (root.findtext("hash") or "").strip().lower()[:64],
    )
