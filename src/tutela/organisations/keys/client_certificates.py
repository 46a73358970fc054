"""Client certificates for peers that require one (mutual TLS).

The certificates are stored wrapped, and passed to TLS in memory.
"""

from __future__ import annotations

import os
import ssl
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.models import PeerCredential


def place(peer_id: object) -> str:
    """The purpose for which a peer's certificate is wrapped."""
    return f"peer-certificate:{peer_id}"


def keep(actor: Actor, peer_id: UUID, certificate: bytes, key: bytes) -> str:
    """Store a certificate (with its chain) and its key for one peer; returns its subject.

    Raises `Invalid` naming the field if they cannot be read, do not match or are out of date. Raises `NotFound` if no
    key to the peer's API is stored yet.
    """
    subject = _checked(certificate, key)
    with acting(actor):
        row = PeerCredential.objects.filter(organisation_id=actor.organisation_id, peer_id=peer_id).first()
        if row is None:
            raise NotFound
        row.wrapped_certificate = wrap(certificate.rstrip() + b"\n" + key, place(peer_id))
        row.save(update_fields=["wrapped_certificate"])
        record(actor, "peer.certificate", "organisation", peer_id)
    return subject


def context_for(credential: PeerCredential | None) -> ssl.SSLContext | bool:
    """TLS settings for connections to the peer. True: the usual verification, without a certificate of ours."""
    if credential is None or not credential.wrapped_certificate:
        return True
    context = ssl.create_default_context()
    # The library reads files alone; this one has no name and no disk.
    handle = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(handle), "wb") as out:
            out.write(unwrap(bytes(credential.wrapped_certificate), place(credential.peer_id)))
        context.load_cert_chain(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)
    return context


def _checked(certificate: bytes, key: bytes) -> str:
    try:
        found = x509.load_pem_x509_certificates(certificate)[0]
    except (ValueError, IndexError):
        raise Invalid("The file must be a PEM file that contains a certificate.", field="certificate") from None
    try:
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError):
        raise Invalid(
            "The key must be a PEM file that contains a private key without a passphrase.", field="key"
        ) from None
    if private.public_key() != found.public_key():
        raise Invalid("The key does not match the certificate.", field="key")
    if not found.not_valid_before_utc <= clock.now() <= found.not_valid_after_utc:
        raise Invalid("The certificate is not valid today.", field="certificate")
    return found.subject.rfc4514_string()
