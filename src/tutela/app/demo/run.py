"""Command `tutela demo run`: create the demonstration's data once, then run its processes.

The processes are the database, web, worker, Edge and the invented storage.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

import httpx

from tutela.app import config
from tutela.app.demo import witnesses
from tutela.app.runtime import node, supervisor
from tutela.app.runtime.embedded_postgres import Cluster
from tutela.app.runtime.ports import require_free

Tell = Callable[[str], None]
READY_SECONDS = 120


def make_world(tell: Tell, days: int) -> None:
    """Create the cast and their work of so many days, unless they exist already."""
    from django.conf import settings

    from tutela.app.demo import organisations
    from tutela.app.demo.month import Month

    done = settings.DATA_DIR / "demo.complete"
    if done.exists():
        return
    if not organisations.founded():
        tell("creating organisations and people")
        organisations.found_everybody()
    began = time.monotonic()
    Month(tell, days).make()
    done.write_text("1")
    tell(f"{days} days of work in {time.monotonic() - began:.0f} s")


def addresses() -> list[str]:
    """Addresses at which web, Edge, storage and witnesses will listen."""
    listen = config.load().listen
    port = int(listen.rpartition(":")[2])
    others = [f"127.0.0.1:{port + above}" for above in (630, *witnesses.WITNESSES.values())]
    return [listen, os.environ.get("TUTELA_EDGE_LISTEN", "") or f"127.0.0.1:{port + 620}", *others]


def children() -> list[supervisor.Child]:
    """The processes of the demonstration."""
    from tutela.app.demo import organisations

    chosen = config.load()
    marker = json.loads(organisations.marker().read_text())
    # The demonstration's data is created once, but the Edge's address is set at each start.
    of_this_start = {
        "TUTELA_EDGE_LISTEN": organisations.EDGE,
        "TUTELA_EDGE_LOG_POLICY": str(witnesses.pinned(node.data_folder())),
    }
    return [
        supervisor.web(chosen.listen, chosen.web_workers),
        supervisor.worker(),
        supervisor.edge({**marker["edge"], **of_this_start}, _log_is_served),
        supervisor.storage(marker["link_key"], organisations.STORAGE),
        *witnesses.children(node.data_folder()),
    ]


def _log_is_served() -> bool:
    """Whether the Centre answers and its log has a checkpoint: an Edge asks for both at once, and refuses every list
    aloud while it gets neither.
    """
    from tutela.accountability.public_log import log

    return (log.folder() / "checkpoint").exists() and _answers(f"{config.load().public_url}/help/")


def run(tell: Tell, days: int) -> None:
    """Everything in the foreground until Ctrl-C."""
    os.environ["TUTELA_DEMO"] = "1"
    # The invented provider's storage is on this machine.
    os.environ.setdefault("TUTELA_FEED_NETWORKS", "127.0.0.0/8")
    for listen in addresses():
        require_free(listen, "TUTELA_LISTEN")
    tell("database")
    cluster = node.prepare()
    node.require_alone()
    node.migrate()
    node.django()
    _restart_if_interrupted(cluster, tell)
    make_world(tell, days)
    witnesses.found(node.data_folder())
    os.environ["TUTELA_LOG_POLICY"] = str(witnesses.policy(node.data_folder()))
    made = children()
    supervisor.as_user(made, cluster, node.data_folder(), config.load().evidence, tell)
    supervisor.Supervisor(made, cluster, tell).run(lambda: _announce(tell))


def _restart_if_interrupted(cluster: Cluster | None, tell: Tell) -> None:
    from django.conf import settings

    from tutela.app.demo import organisations

    complete = (settings.DATA_DIR / "demo.complete").exists()
    if organisations.founded() and not complete and cluster is not None:
        tell("an earlier demo setup was interrupted; starting again")
        cluster.recreate_database()
        node.migrate()


def _announce(tell: Tell) -> None:
    from tutela.app.demo import authorities, cast, organisations

    chosen = config.load()
    _wait(f"{chosen.public_url}/help/", tell)
    tell("")
    tell(f"  Desks     {chosen.public_url}        guided tour with every login: {chosen.public_url}/tour/")
    tell(f"  API       {chosen.public_url}/api/")
    tell(f"  Edge      http://{organisations.EDGE}    (its token: TUTELA_EDGE_TOKENS in .data/demo.json)")
    tell("")
    tell(f"  Password for all logins: {cast.PASSWORD}")
    for login in cast.logins():
        tell(f"  {login.email:30} {login.organisation:22} {login.roles}")
    tell(f"  Katrin's inbox has a sealed file. The key that opens the file: {authorities.identity('police-de')}")
    tell("  The current code of the second factor is on the tour page.")
    tell("")
    tell("  In a second terminal: make walk.   Ctrl-C stops everything.")


def _wait(address: str, tell: Tell) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if _answers(address):
            return
        time.sleep(0.3)
    tell(f"{address} does not answer yet; see the lines above")


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
