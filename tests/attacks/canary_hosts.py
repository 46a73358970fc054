"""Runs inside a network namespace of its own, for `test_canary_hosts`; prints what was asked, and how many packets."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections import Counter
from ipaddress import ip_address, ip_network
from pathlib import Path

from tutela.exchange.errors import ExchangeError
from tutela.exchange.takedown.examination.fetch import ContentFetcher
from tutela.exchange.takedown.examination.messages import AccessConditions
from tutela.exchange.takedown.look import Watcher
from tutela.exchange.takedown.web_address import normalise
from tutela.takedown.hosts.rdap_bases import Bases
from tutela.takedown.hosts.registry_client import RegistryClient

CANARIES = (
    "127.0.0.2", "10.0.0.5", "100.64.0.1", "169.254.169.254", "172.16.3.4", "192.168.1.1", "192.0.0.8", "192.0.2.7",
    "198.18.0.1", "198.51.100.9", "203.0.113.5", "fc00::5", "fd00::5", "fe80::5", "2001:db8::5",
)  # fmt: skip
# An address inside, in another spelling.
DISGUISES = (
    "::ffff:10.0.0.5", "64:ff9b::a00:5", "64:ff9b:1::a00:5", "2002:a00:5::1", "::10.0.0.5", "::1", "::", "0.0.0.0",
)  # fmt: skip
PORTS = (80, 443, 8080)
PUBLIC = "193.0.6.139"


def packets() -> int:
    """Packets that the interface has received."""
    line = next(one for one in Path("/proc/self/net/dev").read_text().splitlines() if one.strip().startswith("lo:"))
    return int(line.split(":")[1].split()[1])


def listen(address: str, port: int) -> None:
    """A canary: it accepts, and answers with a picture."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen()

    def accept() -> None:
        while True:
            connection, _peer = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    threading.Thread(target=accept, daemon=True).start()


def prepare() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for one in CANARIES:
        # Until the kernel has looked for another host with it, an address of version 6 cannot be listened on.
        length, at_once = (128, ["nodad"]) if ":" in one else (32, [])
        subprocess.run(["ip", "addr", "add", f"{one}/{length}", "dev", "lo", *at_once], check=True)
    for one in CANARIES:
        for port in PORTS:
            if not one.startswith("fe80"):
                listen(one, port)


def looked(target: str, port: int) -> str:
    """A look at a name that leads to an address inside."""
    watcher = Watcher(resolve=lambda _host, _port: [target])
    said = watcher.look(normalise(f"http://name.example.org:{port}/x"))
    return said.fault or str(said.status)


def fetched(target: str, port: int) -> str:
    fetcher = ContentFetcher(AccessConditions(), resolve=lambda _host, _port: [PUBLIC, target])
    try:
        return str(fetcher.fetch(f"https://name.example.org:{port}/x").status)
    except ExchangeError as error:
        return type(error).__name__


def asked(target: str, _port: int) -> str:
    bases = Bases("", ((ip_network("0.0.0.0/0"), "https://rdap.example/"),))
    client = RegistryClient(bases, resolve=lambda _host, _port: [target])
    try:
        return str(client.network_of(PUBLIC))
    except ExchangeError as error:
        return type(error).__name__


def main() -> None:
    prepare()
    before, answers = packets(), Counter[str]()
    for target in (*CANARIES, *DISGUISES):
        for port in PORTS:
            for work in (looked, fetched, asked):
                answers[work(target, port)] += 1
    seen = packets() - before
    refused = answers["not_public"] + answers["AddressRefusedError"]
    allowed = Watcher([ip_network("10.0.0.0/8")], resolve=lambda _host, _port: ["10.0.0.5"])
    assert ip_address("10.0.0.5").is_private
    allowed.look(normalise("http://name.example.org/x"))
    said = {"asked": answers.total(), "refused": refused, "answers": dict(answers), "packets": seen}
    print(json.dumps({**said, "packets_when_allowed": packets() - before - seen}))  # noqa: T201


if __name__ == "__main__":
    main()
