"""Check that a port is free before anything is started."""

from __future__ import annotations

import socket


class PortTaken(Exception):
    """Another program listens at an address; the message names the address and the setting to change."""


def require_free(listen: str, setting: str) -> None:
    """Raise `PortTaken` where another program listens at `listen` (host:port).

    Our server processes share a port by intent; a second installation would share it too, and take half the requests.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # What has ended lately does not count; who listens does.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PortTaken(f"{listen} cannot be used ({reason}); choose another address in {setting}") from None
