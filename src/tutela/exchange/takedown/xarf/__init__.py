"""XARF 4.2: notices of child sexual abuse material (`csam`) and exploitation (`csem`) for hosts' abuse desks.

document   generate, validate and parse          from_notice   documents of a DSA notice
schema     fields, values and limits             evidence      strict base64, digests, and no media
"""

from tutela.exchange.takedown.xarf.document import (
    Evidence,
    ParsedXarf,
    XarfInvalidError,
    XarfUnreadableError,
    domain_of,
    generate,
    parse,
    validate,
)

__all__ = [
    "Evidence",
    "ParsedXarf",
    "XarfInvalidError",
    "XarfUnreadableError",
    "domain_of",
    "generate",
    "parse",
    "validate",
]
