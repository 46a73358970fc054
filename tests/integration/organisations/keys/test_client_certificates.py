"""A peer that asks for a client certificate gets it, and nobody else does: a real TLS server on this machine."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from tests.support.cast import Cast
from tutela.events.errors import Invalid, NotFound
from tutela.events.transaction import acting
from tutela.organisations.keys import client_certificates
from tutela.organisations.messages import delivery, outbox, peer_client
from tutela.organisations.messages.peer_client import PeerSilent
from tutela.organisations.models import Organisation, PeerCredential
from tutela.organisations.people import directory

NOW = datetime.now(UTC)


class Made:
    """A certificate of one's own making, with its key."""

    def __init__(self, name: str, *, days: int = 1) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self.private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=2))
            .not_valid_after(NOW + timedelta(days=days))
            .add_extension(address, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        ).sign(self.private, hashes.SHA256())
        self.certificate = made.public_bytes(serialization.Encoding.PEM)
        self.key = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


class Peer(BaseHTTPRequestHandler):
    seen: list[str] = []

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        subject = self.connection.getpeercert()["subject"]  # type: ignore[attr-defined]
        Peer.seen.append(subject[0][0][1])
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = answer  # noqa: N815 - names of the library

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def peer(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """The authority's address is a server that lets in who shows the client's certificate."""
    server_side, client = Made("server"), Made("EU Centre")
    for name, data in (("server.pem", server_side.certificate + server_side.key), ("client.pem", client.certificate)):
        (tmp_path / name).write_bytes(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(tmp_path / "client.pem")
    server = HTTPServer(("127.0.0.1", 0), Peer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    trusting = ssl.create_default_context
    monkeypatch.setattr(
        ssl, "create_default_context", lambda *a, **k: trusting(*a, **{**k, "cafile": str(tmp_path / "server.pem")})
    )
    address = f"https://127.0.0.1:{server.server_port}"
    Organisation.objects.filter(pk=cast.authority.organisation_id).update(api_url=address)
    monkeypatch.setattr(settings, "PEER_NETWORKS", "127.0.0.0/8")
    outbox.set_credential(cast.centre, cast.authority.organisation_id, "tut_elsewhere_" + "k" * 40)
    yield client
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_peer_sees_the_certificate_when_messages_and_files_are_sent_and_asked_for(cast: Cast, peer: Made) -> None:
    entry = directory.entry(cast.authority.organisation_id)
    with pytest.raises(PeerSilent), peer_client.asked(cast.centre, entry, "GET", "/x"):
        pass
    assert "EU Centre" in client_certificates.keep(cast.centre, entry.id, peer.certificate, peer.key)
    Peer.seen.clear()
    with peer_client.asked(cast.centre, entry, "GET", "/x") as answer:
        assert answer.status_code == 201
    with acting(cast.centre):
        message = outbox.send(cast.centre, entry.id, "referral", "/y", "{}", key=f"t:{entry.id}", subject_id="x")
    assert delivery.deliver_now(cast.centre.organisation_id, message) is None
    assert Peer.seen == ["EU Centre", "EU Centre"]
    with acting(cast.centre):
        row = PeerCredential.objects.get(peer_id=entry.id)
    assert b"PRIVATE KEY" not in bytes(row.wrapped_certificate)


def test_what_cannot_be_a_certificate_is_refused_and_named(cast: Cast) -> None:
    good, other, old = Made("a"), Made("b"), Made("c", days=-1)
    authority = cast.authority.organisation_id
    for certificate, key, field in (
        (b"", good.key, "certificate"),
        (b"x", good.key, "certificate"),
        (good.certificate, b"x", "key"),
        (good.certificate, other.key, "key"),
        (old.certificate, old.key, "certificate"),
    ):
        with pytest.raises(Invalid) as refused:
            client_certificates.keep(cast.centre, authority, certificate, key)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        client_certificates.keep(cast.centre, cast.other_provider.organisation_id, good.certificate, good.key)
