"""Proofs of work: found by anybody, checked by one hash, for one ticket alone."""

from __future__ import annotations

import pytest

from tutela.casework.anonymous import proof_of_work, ticket
from tutela.casework.anonymous.errors import WrongProof


def test_a_proof_fits_its_ticket_and_no_other() -> None:
    given, other = ticket.issue("message.write"), ticket.issue("message.write")
    proof = proof_of_work.solve(given.nonce)
    proof_of_work.verify(given, proof)
    with pytest.raises(WrongProof):
        proof_of_work.verify(other, proof)


@pytest.mark.parametrize("proof", ["", "x", "-1", "1" * 16, "１", "0x1", "1 "])
def test_what_is_no_number_is_no_proof(proof: str) -> None:
    with pytest.raises(WrongProof):
        proof_of_work.verify(ticket.issue("message.write"), proof)
