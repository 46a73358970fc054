"""Errors of messages. The docstring is the message; no error repeats the message's content."""

from __future__ import annotations


class ExchangeError(Exception):
    """The message cannot be used."""

    def __init__(self, detail: str = "") -> None:
        message = type(self).__doc__ or ""
        super().__init__(f"{message} {detail}".strip())
        self.detail = detail


class NotCanonicalError(ExchangeError):
    """This value has no canonical form."""


class NotJsonError(ExchangeError):
    """The body must be JSON in UTF-8, without duplicate names in an object and without numbers above 2^53."""


class EnvelopeMalformedError(ExchangeError):
    """The signed envelope has unexpected fields or encodings."""


class ContextMismatchError(ExchangeError):
    """The envelope was signed for another purpose."""


class UnknownKeyError(ExchangeError):
    """The envelope was signed with a key that is not trusted here."""


class SignatureInvalidError(ExchangeError):
    """The signature does not match these bytes."""


class KeyMalformedError(ExchangeError):
    """A public key must be the 64 hex digits of its 32 raw bytes."""
