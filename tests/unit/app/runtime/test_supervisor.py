"""The processes of a node: what needs another one waits for it, and not for ever."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

from tutela.app.runtime import supervisor as runtime_supervisor
from tutela.app.runtime.supervisor import Child, Supervisor

STAY = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture(autouse=True)
def _signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runtime_supervisor, "PAUSE_SECONDS", 0.01)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


def test_a_child_starts_once_what_it_needs_is_there_and_then_all_is_ready() -> None:
    others = list[int]()
    web = Child("web", STAY)

    def there() -> bool:
        others.append(web.starts)
        return len(others) == 4

    edge = Child("edge", STAY, needs=there)
    supervisor = Supervisor([edge, web], None, lambda _text: None)
    supervisor.run(supervisor.stop)
    assert others == [0, 1, 1, 1], "nobody else waits for it"
    assert (edge.starts, web.starts) == (1, 1)


def test_a_child_starts_at_last_without_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_supervisor, "PATIENCE_SECONDS", 0.05)
    edge = Child("edge", STAY, needs=lambda: False)
    supervisor = Supervisor([edge], None, lambda _text: None)
    supervisor.run(supervisor.stop)
    assert edge.starts == 1
