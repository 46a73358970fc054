"""Answers of the interface: codes, and their XML."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from lxml import etree

from tutela.exchange.message.xml_documents import document_bytes


class Code(IntEnum):
    """Response codes of the interface, as far as we answer with them."""

    SUCCESS = 0
    SERVER_ERROR = 1000
    UPLOAD_FAILED = 1111
    RESOURCE_NOT_FOUND = 1210
    AUTHENTICATION_REQUIRED = 2000
    NOT_AUTHORIZED = 3100
    INVALID_REQUEST = 4000
    VALIDATION_FAILED = 4100
    MALFORMED_XML = 4110
    MALFORMED_FILE = 4200
    NO_SUCH_REPORT = 5001
    NO_SUCH_FILE = 5002
    ALREADY_RETRACTED = 5101
    ALREADY_FINISHED = 5102

    @property
    def status(self) -> int:
        """The HTTP status that goes with it: our choice, as the documentation names only 400 for 4100."""
        return _STATUS[self]

    @property
    def words(self) -> str:
        return _WORDS[self]


_STATUS = {
    Code.SUCCESS: 200,
    Code.SERVER_ERROR: 500,
    Code.UPLOAD_FAILED: 507,
    Code.RESOURCE_NOT_FOUND: 404,
    Code.AUTHENTICATION_REQUIRED: 401,
    Code.NOT_AUTHORIZED: 403,
    Code.INVALID_REQUEST: 400,
    Code.VALIDATION_FAILED: 400,
    Code.MALFORMED_XML: 400,
    Code.MALFORMED_FILE: 400,
    Code.NO_SUCH_REPORT: 404,
    Code.NO_SUCH_FILE: 404,
    Code.ALREADY_RETRACTED: 409,
    Code.ALREADY_FINISHED: 409,
}
_WORDS = {
    Code.SUCCESS: "Success",
    Code.SERVER_ERROR: "Server error",
    Code.UPLOAD_FAILED: "File upload failed",
    Code.RESOURCE_NOT_FOUND: "Resource not found",
    Code.AUTHENTICATION_REQUIRED: "Authentication required",
    Code.NOT_AUTHORIZED: "User does not have authorization to make submissions",
    Code.INVALID_REQUEST: "Invalid request",
    Code.VALIDATION_FAILED: "Validation failed",
    Code.MALFORMED_XML: "Malformed XML submittal",
    Code.MALFORMED_FILE: "Malformed file submittal",
    Code.NO_SUCH_REPORT: "Report does not exist",
    Code.NO_SUCH_FILE: "File does not exist",
    Code.ALREADY_RETRACTED: "Report already retracted",
    Code.ALREADY_FINISHED: "Report already finished",
}


def answer(code: Code, said: str = "", *, report: int | None = None, file: str = "", md5: str = "") -> bytes:
    """A `reportResponse`; `said` names the element and the reason, never the submitted content."""
    root = etree.Element("reportResponse")
    _put(root, "responseCode", str(int(code)))
    _put(root, "responseDescription", f"{code.words}: {said}" if said else code.words)
    for name, value in (("reportId", "" if report is None else str(report)), ("fileId", file), ("hash", md5)):
        if value:
            _put(root, name, value)
    return document_bytes(root)


def welcome(user: str, address: str) -> bytes:
    """The answer to `/status`."""
    root = etree.Element("reportResponse")
    _put(root, "responseCode", "0")
    _put(root, "responseDescription", f"Remote User : {user}, Remote Ip : {address}")
    return document_bytes(root)


def done(code: Code, report: int, files: Iterable[str] = ()) -> bytes:
    """A `reportDoneResponse`: the answer to `/finish`, also to one that fails."""
    root = etree.Element("reportDoneResponse")
    _put(root, "responseCode", str(int(code)))
    _put(root, "reportId", str(report))
    inside = etree.SubElement(root, "files")
    for file in files:
        _put(inside, "fileId", file)
    return document_bytes(root)


def _put(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = "".join(c if c.isprintable() else " " for c in text)
