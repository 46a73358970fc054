"""The chain of a correction is killed at each hop and completes: every process of the node ends at once by SIGKILL."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support import kills
from tests.support.drills import LONG, PRELUDE, ROOT, Installation, ended, until

pytestmark = pytest.mark.slow

# An Edge is in the long form alone: what it has is looked at once a minute.
HOPS = ("decide", "accept", *(("edge",) if LONG else ()), "investigator", "hotline_ie", "hotline_de", "judge")
# In the short form two hops are killed once; in the long form every hop is killed at ten moments.
CHAINS = 10 if LONG else 1
KILLED = HOPS if LONG else ("accept", "hotline_ie")
# A transaction of a person, and its message on the way, take about as long.
SOON = 0.4
CALL = "from tests.support import redress_kills as story\n"
WAITING = threading.Event()


def test_a_correction_that_is_killed_at_each_hop_completes() -> None:
    node, dice = Installation(), random.Random(21)
    try:
        node.migrate()
        chains = node.run(f"{CALL}print(json.dumps(story.prepare({CHAINS}, edge={LONG})))")
        _serve(node)
        for told in chains:
            for hop in HOPS:
                if hop in KILLED:
                    _killed(node, hop, told, dice.random() * SOON)
                else:
                    _done(node, hop, told)
            until("the correction ends", lambda told=told: _call(node, "ended", told), 120, pause=0.5)  # type: ignore[misc]
            _nothing_is_lost_or_doubled(_call(node, "found", told))
        verified = node.cli("verify")
        assert verified.returncode == 0, verified.stdout
    except BaseException:
        if node.log.exists():
            print(node.log.read_text(errors="replace")[-4000:])  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        node.stop()


def _killed(node: Installation, hop: str, told: dict[str, str], pause: float) -> None:
    """Somebody acts, everything is killed a moment later, and the act is done again until it is done."""
    until(f"the {hop} can act", lambda: _arrived(node, hop, told), 120, pause=0.5)
    acting = _start(node, f"print('acting', flush=True)\nstory.act({hop!r}, {told!r})")
    assert acting.stdout is not None
    assert acting.stdout.readline().strip() == b"acting"
    WAITING.wait(pause)
    _kill_all(node)
    acting.wait(30)
    _serve(node)
    _done(node, hop, told)


def _done(node: Installation, hop: str, told: dict[str, str]) -> None:
    """Somebody acts as soon as there is something to act on, until it is done."""
    until(f"the {hop} can act", lambda: _arrived(node, hop, told), 120, pause=0.5)
    until(f"the {hop} has acted", lambda: _call(node, f"act({hop!r}, told)", told), 120, pause=0.5)


def _arrived(node: Installation, hop: str, told: dict[str, str]) -> bool:
    """Whether the message has arrived that a person answers; the first two act on their own."""
    return bool(_call(node, f"arrived({hop!r}, told)", told))


def _kill_all(node: Installation) -> None:
    """SIGKILL to every process of this node, the database included."""
    mark, victims = f"TUTELA_DATA={node.data}\0".encode(), list[int]()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if mark in (folder / "environ").read_bytes() + b"\0":
                    victims.append(int(folder.name))
            except OSError:
                continue
    assert victims
    for one in victims:
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue
    if node.process is not None:
        node.process.wait(30)
    until("every process has ended", lambda: all(map(ended, victims)), 30)


def _serve(node: Installation) -> None:
    node.serve()
    until("the node answers", lambda: kills.answers(node.url + "/"), 240)


def _start(node: Installation, snippet: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + CALL + snippet], env=node.env, cwd=ROOT, stdout=subprocess.PIPE
    )


def _call(node: Installation, what: str, told: dict[str, str]) -> Any:
    call = what if "(" in what else f"{what}(told)"
    return node.run(f"{CALL}told = json.loads({json.dumps(told)!r})\nprint(json.dumps(story.{call}))")


def _nothing_is_lost_or_doubled(found: dict[str, Any]) -> None:
    hops = found["hops"]
    kinds = {(who, kind) for who, kind, _state, _finals in hops}
    for kind in ("report", "register", "authority", "hotline", "statistics"):
        assert ("centre", kind) in kinds
    for kind in ("measure", "own_list", "centre", "statistics"):
        assert ("provider", kind) in kinds
    assert {("authority", "record"), ("hotline", "record")} <= kinds
    assert {(state, finals) for _who, _kind, state, finals in hops} == {("corrected", 1)}
    # One at the provider, one at the Centre.
    assert found["errors"] == 2
    assert (found["told"], found["entry"], found["stage"]) == (1, "suspended", "closed")
