"""A worker that ends accepts nothing more, while the socket that it shared still takes connections."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import pytest

from tutela.edge.runtime import last_requests


def test_a_worker_stops_accepting_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_requests, "_READ_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as kept, kept.dup() as of_worker:
        kept.setblocking(False)

        async def worker() -> None:
            ended, loop = asyncio.Event(), asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGINT, ended.set)
            last_requests.finish_before_end(of_worker.fileno())
            os.kill(os.getpid(), signal.SIGTERM)
            # Once more, as a service manager may send it.
            loop.call_soon(os.kill, os.getpid(), signal.SIGTERM)
            await ended.wait()

        asyncio.run(worker())
        with socket.create_connection(kept.getsockname()):
            with pytest.raises(BlockingIOError):
                of_worker.accept()
            kept.accept()[0].close()
