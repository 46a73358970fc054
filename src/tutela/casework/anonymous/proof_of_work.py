"""Proof of work for public forms: a number that gives the SHA-256 of nonce and number enough leading zero bits.

A script of the page does the work (`message.js`), and the ticket says how many bits. Whoever sends many forms pays for
each, and the node learns nothing about anybody.
"""

from __future__ import annotations

import hashlib
import re

from tutela.casework.anonymous.errors import WrongProof
from tutela.casework.anonymous.ticket import Ticket
from tutela.casework.anonymous.work import BITS

_NUMBER = re.compile(r"[0-9]{1,15}")


def verify(ticket: Ticket, proof: str) -> None:
    """Raise `WrongProof` unless the proof belongs to the ticket."""
    if not _NUMBER.fullmatch(proof) or not _fits(ticket.nonce, proof, ticket.work.bits):
        raise WrongProof


def solve(nonce: str, bits: int = BITS) -> str:
    """Find a proof, as the page's script does."""
    number = 0
    while not _fits(nonce, str(number), bits):
        number += 1
    return str(number)


def _fits(nonce: str, proof: str, bits: int) -> bool:
    digest = hashlib.sha256(f"{nonce}:{proof}".encode()).digest()
    return int.from_bytes(digest) >> (256 - bits) == 0
