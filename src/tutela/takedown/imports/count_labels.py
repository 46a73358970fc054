"""Labels of the counts of an import: reasons of refused addresses, and kinds of what was left out."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela.exchange.takedown.web_address import AddressFault

REFUSED: dict[str, Promise] = {
    AddressFault.EMPTY: _("empty"),
    AddressFault.TOO_LONG: _("too long"),
    AddressFault.CHARACTER: _("control characters"),
    AddressFault.SYNTAX: _("not an absolute address"),
    AddressFault.SCHEME: _("neither http nor another known scheme"),
    AddressFault.HOST: _("no valid host name"),
    AddressFault.PORT: _("no valid port"),
    AddressFault.ODD_IPV4: _("IPv4 address in another form than four decimal numbers"),
    AddressFault.NOT_PUBLIC: _("private or reserved network"),
    AddressFault.ONION_NAME: _("no valid onion name"),
    AddressFault.CONTENT_ID: _("no identifier of the content"),
    AddressFault.USER_INFORMATION: _("user name or password in the address"),
}
SKIPPED: dict[str, Promise] = {
    "attachments": _("attachments"),
    "inline_pictures": _("inline pictures"),
    "email_addresses": _("e-mail addresses"),
    "referrers": _("pages that led to a reported one"),
    "cells": _("cells with other text, such as names"),
    "without_address": _("lines and messages without an address"),
    "long_lines": _("lines that are too long"),
    "large_messages": _("messages that are too large"),
    "large_parts": _("message parts that are too large"),
    "deep_parts": _("message parts that are nested too deeply"),
    "broken_messages": _("broken messages"),
    "charsets": _("texts in an unknown character set, read as Latin-1"),
}
