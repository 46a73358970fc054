"""Field types of takedown messages: addresses, e-mail addresses, references, languages and labels."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from tutela.exchange.message.field_types import printable
from tutela.exchange.takedown.web_address import AddressInvalidError, for_notice, normalise

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_EMAIL_INSIDE = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# Seven digits or more with the usual signs between them, after a plus sign.
_PHONE_INSIDE = re.compile(r"\+\d(?:[\s()./-]?\d){6,14}")
_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{1,39}:[A-Za-z0-9][A-Za-z0-9._+-]{0,79}")


def absolute_address(text: str) -> str:
    """The text, if it is an address that a notice may contain. Raises `ValueError`."""
    try:
        for_notice(normalise(text))
    except AddressInvalidError as error:
        raise ValueError(error.detail.removeprefix("address: ").removesuffix(".")) from None
    return text


def email_address(text: str) -> str:
    """The text, if it is one plain e-mail address. Raises `ValueError`."""
    if not _EMAIL.fullmatch(text):
        raise ValueError("must be one e-mail address, such as desk@example.org")
    return text


def without_contacts(text: str) -> str:
    """The text, if it contains no e-mail address and no telephone number. Raises `ValueError`."""
    if _EMAIL_INSIDE.search(text) or _PHONE_INSIDE.search(text):
        raise ValueError("must not contain e-mail addresses or telephone numbers of persons")
    return text


def scheme_and_value(text: str) -> str:
    """A label as `scheme:value`. Raises `ValueError`: letters alone mean different acts in different schemes."""
    if not _LABEL.fullmatch(text):
        raise ValueError("must be scheme:value, such as interpol:baseline; a letter alone has no meaning")
    return text


type Address = Annotated[str, Field(min_length=1, max_length=2083), AfterValidator(absolute_address)]
type Email = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(email_address)]
type Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]
type Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
type Label = Annotated[str, Field(max_length=120), AfterValidator(scheme_and_value)]
# Text about an item, never about a child: contact details in it are refused.
type ItemText = Annotated[
    str, Field(min_length=1, max_length=5000), AfterValidator(printable), AfterValidator(without_contacts)
]
