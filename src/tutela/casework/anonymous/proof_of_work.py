"""Proof of work for public forms: a number that gives the SHA-256 of nonce and number enough leading zero bits.

A weak telephone finds it in one to two seconds; a script of the page does the work (`message.js`). Whoever sends many
forms pays for each, and the node learns nothing about anybody.
"""

from __future__ import annotations

import hashlib
import re

from tutela.casework.anonymous.errors import WrongProof
from tutela.casework.anonymous.ticket import Ticket

# 2^17 hashes on average.
BITS = 17
_NUMBER = re.compile(r"[0-9]{1,15}")


def verify(ticket: Ticket, proof: str) -> None:
    """Raise `WrongProof` unless the proof belongs to the ticket."""
    if not _NUMBER.fullmatch(proof) or not _fits(ticket.nonce, proof):
        raise WrongProof


def solve(nonce: str) -> str:
    """Find a proof, as the page's script does."""
    number = 0
    while not _fits(nonce, str(number)):
        number += 1
    return str(number)


def _fits(nonce: str, proof: str) -> bool:
    digest = hashlib.sha256(f"{nonce}:{proof}".encode()).digest()
    return int.from_bytes(digest) >> (256 - BITS) == 0
