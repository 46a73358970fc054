"""Run an Edge in the foreground: the holder in this process, and granian with one worker per core.

    SIGTERM, SIGINT    finish the current requests, then end
    SIGHUP             new workers take over, then the old ones end: no request fails, since all share one listening
                       socket, and a worker reads what it accepted before it ends (`last_requests`)

Run as a separate program (`python -m tutela.edge.process.supervisor`), so that all processes count into one place from
their first import on (`PROMETHEUS_MULTIPROC_DIR`). If one process dies, the others end, and a service manager starts
the Edge again.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from tutela.edge.process.coordinator import Holder
from tutela.edge.process.list_handover import Giver
from tutela.edge.process.worker import HOLDER, LISTENER
from tutela.edge.runtime import log_setup
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.parent_watch import end_with_parent
from tutela.edge.runtime.settings import Settings

# A new worker has opened the lists and its decoders by then; the old one answers meanwhile.
_TAKE_OVER_SECONDS = 3.0
_FINISH_SECONDS = 30
_HEADER_MILLISECONDS = 8000
_SERVER = "server"


def run() -> int:
    """Hold the lists and serve until told to stop. Raises the errors of a holder."""
    log_setup.configure()
    settings = Settings.from_env()
    with tempfile.TemporaryDirectory(prefix="tutela-edge-") as folder:
        place = Path(folder) / "holder"
        holder = Holder(settings, Metrics())
        giver = Giver(place, holder.lists)
        try:
            holder.start()
            return _serve({**os.environ, HOLDER: str(place)})
        finally:
            giver.close()
            holder.close()


def _serve(env: dict[str, str]) -> int:
    command = [sys.executable, "-m", "tutela.edge.process.supervisor", _SERVER]
    server = subprocess.Popen(command, env=env)  # noqa: S603 - our own program
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda given, _: server.send_signal(given))
    return server.wait()


class _SharedSocket(MPServer):
    """granian with one listening socket for all workers, which their parent keeps open.

    On Linux each worker gets a socket of its own from granian, and who waits in it is refused when the worker ends.
    Elsewhere granian shares one in this way.
    """

    def _init_shared_socket(self) -> None:
        MPServer._init_shared_socket(self)  # type: ignore[no-untyped-call]
        own: dict[str, Any] = self.__dict__
        if own["_ssp"] is not None:
            own["_shd"], own["_ssp"] = own["_ssp"].build(), None
            own["_sfd"] = own["_shd"].get_fd()
            own["_sso"] = socket.socket(fileno=own["_sfd"])
            own["_sso"].set_inheritable(True)
            os.environ[LISTENER] = str(own["_sfd"])


def _server() -> None:
    end_with_parent()
    settings = Settings.from_env()
    host, _, port = settings.listen.rpartition(":")
    _SharedSocket(
        "tutela.edge.process.worker:create_app",
        address=host,
        port=int(port),
        interface=Interfaces.ASGI,
        factory=True,
        workers=settings.process_count(),
        respawn_failed_workers=True,
        respawn_interval=_TAKE_OVER_SECONDS,
        workers_kill_timeout=_FINISH_SECONDS,
        websockets=False,
        log_dictconfig=log_setup.server_logs(),
        # Idle connections cost little; one that has not sent its headers by then is closed.
        backlog=4096,
        backpressure=4096,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
    ).serve()


if __name__ == "__main__":
    if sys.argv[1:] == [_SERVER]:
        _server()
    else:
        sys.exit(run())
