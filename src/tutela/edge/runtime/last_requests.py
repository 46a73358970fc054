"""End a worker without losing a request: it stops accepting first, and ends once it has read what it accepted.

The server closes connections whose request it has not read yet when it is told to end. The listening socket is shared,
so it stays open for the other workers; here its place is taken by one to which nobody connects.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket

# From the last accepted connection to the end. A caller sends its request within it, or has gone.
_READ_SECONDS = 1.0


def finish_before_end(listener: int) -> None:
    """Stop accepting at SIGTERM, and end by SIGINT a little later. Call in the running loop of a worker."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.add_signal_handler(signal.SIGTERM, bool)
        _replace(listener)
        loop.call_later(_READ_SECONDS, os.kill, os.getpid(), signal.SIGINT)

    loop.add_signal_handler(signal.SIGTERM, stop)


def _replace(listener: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        os.dup2(other.fileno(), listener, inheritable=False)
