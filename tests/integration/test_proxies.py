"""The examples of docs/howto/proxy.md, each run as it stands on the page with the real program."""

from __future__ import annotations

import os
import re
import socket
import ssl
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.drills import ROOT, free_port, until
from tutela import clock

pytestmark = pytest.mark.slow
BLOCKS = dict(re.findall(r"```(nginx|caddy|haproxy)\n(.*?)```", (ROOT / "docs/howto/proxy.md").read_text(), re.DOTALL))
PROGRAMS = ROOT / ".venv" / "proxies"
MARK = b"a picture that may lie on no disk "
HALF = MARK * 60_000


class Backend:
    """What stands behind the proxy: keeps the headers and counts the bytes of a body as they come."""

    def __init__(self) -> None:
        self.headers, self.received = dict[str, list[str]](), 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer.headers = {name.lower(): self.headers.get_all(name) or [] for name in self.headers}
                left, outer.received = int(self.headers["Content-Length"]), 0
                while left:
                    part = self.rfile.read1(min(left, 65_536))
                    left -= len(part)
                    outer.received += len(part)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing is told."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])


@pytest.fixture
def backend() -> Iterator[Backend]:
    made = Backend()
    yield made
    made.server.shutdown()


def certificate(folder: Path) -> None:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk.example")]),
    )
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "desk.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "desk.key").write_bytes(pem)
    (folder / "desk.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM) + pem)


@contextmanager
def proxy(kind: str, folder: Path, backend: Backend) -> Iterator[tuple[int, int, int]]:
    """The program with the page's file, but for its ports, paths and addresses: both ports, and its process."""
    certificate(folder)
    desk, uploads = free_port(), free_port()
    text = BLOCKS[kind].replace("/etc/tutela", str(folder))
    text = re.sub(r"127\.0\.0\.1:(8000|8620|8621)", f"127.0.0.1:{backend.port}", text)
    text = re.sub(r"\b443\b", str(desk), text)
    text = re.sub(r"\b8443\b", str(uploads), text)
    if kind == "nginx":
        places = " ".join(
            f"{one}_temp_path {folder}/{one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = text.replace("http {", f"http {{ {places}", 1)
    file = folder / "config"
    file.write_text(text)
    binary = PROGRAMS / ("usr/bin/caddy" if kind == "caddy" else f"usr/sbin/{kind}")
    command = {
        "nginx": [binary, "-p", folder, "-c", file, "-e", folder / "log", "-g", f"daemon off; pid {folder}/pid;"],
        "caddy": [binary, "run", "--adapter", "caddyfile", "--config", file],
        "haproxy": [binary, "-db", "-f", file],
    }[kind]
    libraries = ":".join(map(str, (PROGRAMS / "usr" / "lib").glob("*-linux-gnu")))
    env = {**os.environ, "LD_LIBRARY_PATH": libraries, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=out, env=env, cwd=folder)
    try:
        until(f"{kind} listens", lambda: _listens(desk) and _listens(uploads), 30)
        yield desk, uploads, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _family(int(child))


def _files(pid: int) -> Iterator[bytes]:
    """What regular files that the proxy has open hold, deleted ones too."""
    for one in _family(pid):
        for link in Path(f"/proc/{one}/fd").iterdir():
            if stat.S_ISREG(link.stat().st_mode):
                yield link.read_bytes()


@pytest.mark.skipif(not (PROGRAMS / "ready").exists(), reason="no proxies of the guides on this machine")
@pytest.mark.parametrize("kind", ["nginx", "caddy", "haproxy"])
@pytest.mark.parametrize("which", ["desk", "uploads"])
def test_a_half_sent_upload_is_passed_on_and_lies_on_no_disk(
    kind: str, which: str, tmp_path: Path, backend: Backend
) -> None:
    trusting: Any = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    tmp_path.chmod(0o755)
    with proxy(kind, tmp_path, backend) as (desk, uploads, pid):
        port = desk if which == "desk" else uploads
        with trusting.wrap_socket(
            socket.create_connection(("127.0.0.1", port)), server_hostname="desk.example"
        ) as line:
            line.sendall(
                b"POST /x HTTP/1.1\r\nHost: desk.example\r\nX-Forwarded-For: 198.51.100.9\r\n"
                b"X-Forwarded-Proto: http\r\nContent-Length: %d\r\n\r\n" % (2 * len(HALF)) + HALF
            )
            until("the first half is behind the proxy", lambda: backend.received == len(HALF), 30)
            assert not any(MARK in data for data in _files(pid))
            assert not any(MARK in one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
            line.sendall(HALF)
            assert line.recv(100).startswith(b"HTTP/1.1 200")
    assert backend.headers["x-forwarded-for"] == ["127.0.0.1"]
    assert backend.headers["x-forwarded-proto"] == ["https"]
